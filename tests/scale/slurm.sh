#!/usr/bin/env bash
# The tests of the Slurm profile on a Slurm of one node that this starts and stops. Takes root, Debian's slurm-wlm and
# munge, and pip install -e '.[dev,slurm]'. No /etc/slurm/slurm.conf may be there. Arguments are pytest's.
#   tests/scale/slurm.sh -k memory
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/scale/slurm_node.sh
own_slurm
HCUTAL_SLURM=1 python -m pytest -n 0 tests/scale/test_slurm.py "$@"
