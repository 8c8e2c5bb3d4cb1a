#!/usr/bin/env bash
# The tests of the Slurm profile on a Slurm of one node that this starts and stops. Takes root, Debian's slurm-wlm and
# munge, and pip install -e '.[dev,slurm]'. No /etc/slurm/slurm.conf may be there. Arguments are pytest's.
#   tests/scale/slurm.sh -k memory
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/scale/slurm_node.sh
if [ -e /etc/slurm/slurm.conf ]; then
    echo "/etc/slurm/slurm.conf: this machine has a Slurm of its own; nothing is started" >&2
    exit 1
fi
folder=$(mktemp -d)
trap 'stop_slurm "$folder"' EXIT
start_slurm "$folder"
HCUTAL_SLURM=1 python -m pytest -n 0 tests/scale/test_slurm.py "$@"
