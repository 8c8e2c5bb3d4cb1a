#!/usr/bin/env bash
# Starts a Slurm of one node on this machine, without systemd, in a folder of its own; takes root and Debian's
# slurm-wlm and munge. Sourced by slurm.sh.
#   start_slurm FOLDER   munge, slurmctld and slurmd; FOLDER/slurm.conf is linked to from /etc/slurm
#   stop_slurm FOLDER
set -euo pipefail

start_slurm() {
    local folder=$1 host memory
    host=$(hostname -s)
    memory=$(awk '/MemTotal/ {print int($2 / 1024 * .9)}' /proc/meminfo)
    mkdir -p "$folder"/{state,spool}
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
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=$memory State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
    # Jobs of Snakemake do not inherit SLURM_CONF.
    mkdir -p /etc/slurm
    ln -s "$folder/slurm.conf" /etc/slurm/slurm.conf
    slurmctld
    slurmd
    for _ in $(seq 30); do
        if sinfo --noheader --states=idle | grep -q idle; then return; fi
        sleep 1
    done
    echo "the node is not idle after 30 s:" >&2
    sinfo >&2
    return 1
}

stop_slurm() {
    local folder=$1 name
    for name in slurmd slurmctld; do
        if [ -s "$folder/$name.pid" ]; then kill "$(cat "$folder/$name.pid")" || true; fi
    done
    rm -f /etc/slurm/slurm.conf
}
