#!/usr/bin/env bash
# Starts a Slurm on this machine, without systemd, in a folder of its own; takes root and Debian's slurm-wlm and munge.
# Sourced by slurm.sh and two_hosts.sh.
#   start_slurm FOLDER [HOST...]   munge, slurmctld and slurmd; FOLDER/slurm.conf is linked to from /etc/slurm. HOSTs are
#                                  nodes with a name and processes of their own (namespaces); default: this machine
#   stop_slurm FOLDER
#   own_slurm [HOST...]            the first in a temporary folder, and the second when the script ends
set -euo pipefail

own_slurm() {
    if [ -e /etc/slurm/slurm.conf ]; then
        echo "/etc/slurm/slurm.conf: this machine has a Slurm of its own; nothing is started" >&2
        exit 1
    fi
    slurm_folder=$(mktemp -d)
    trap 'stop_slurm "$slurm_folder"' EXIT
    start_slurm "$slurm_folder" "$@"
}

start_slurm() {
    local folder=$1 host memory each port=17100 cores
    local -a hosts=("${@:2}") nodes
    host=$(hostname -s)
    nodes=("${hosts[@]:-$host}")
    cores=$(( $(nproc) / ${#nodes[@]} > 0 ? $(nproc) / ${#nodes[@]} : 1 ))
    memory=$(awk -v nodes=${#nodes[@]} '/MemTotal/ {print int($2 / 1024 * .9 / nodes)}' /proc/meminfo)
    mkdir -p "$folder/state"
    install -d -o munge -g munge -m 0755 /run/munge
    [ -s /etc/munge/munge.key ] || mungekey --create
    pgrep -x munged > /dev/null || runuser -u munge -- /usr/sbin/munged
    cat > "$folder/slurm.conf" << END
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
AuthType=auth/munge
SlurmUser=root
SlurmdUser=root
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
ReturnToService=2
SchedulerParameters=sched_interval=1,batch_sched_delay=0
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool-%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd-%n.log
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
    for each in "${nodes[@]}"; do
        port=$((port + 1))
        echo "NodeName=$each NodeAddr=127.0.0.1 Port=$port CPUs=$cores RealMemory=$memory State=UNKNOWN" \
            >> "$folder/slurm.conf"
    done
    # Jobs of Snakemake do not inherit SLURM_CONF.
    mkdir -p /etc/slurm
    ln -s "$folder/slurm.conf" /etc/slurm/slurm.conf
    slurmctld
    if [ ${#hosts[@]} -eq 0 ]; then slurmd; fi
    for each in "${hosts[@]}"; do
        unshare --uts --pid --fork --mount-proc --kill-child \
            sh -c 'hostname "$1" && exec slurmd -D' sh "$each" > /dev/null 2>&1 &
        echo $! > "$folder/host-$each.pid"
    done
    for _ in $(seq 60); do
        if [ "$(sinfo --noheader --Node --states=idle | wc -l)" -eq ${#nodes[@]} ]; then return; fi
        sleep 1
    done
    echo "the nodes are not idle after 60 s:" >&2
    sinfo >&2
    return 1
}

stop_slurm() {
    local folder=$1 file
    # With a host all of its processes end; unshare takes no other signal.
    for file in "$folder"/host-*.pid; do
        if [ -s "$file" ]; then kill -KILL "$(cat "$file")" || true; fi
    done
    for file in "$folder/slurmd-$(hostname -s).pid" "$folder/slurmctld.pid"; do
        if [ -s "$file" ]; then kill "$(cat "$file")" || true; fi
    done
    rm -f /etc/slurm/slurm.conf
}
