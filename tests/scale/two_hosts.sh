#!/usr/bin/env bash
# The tests of two hosts on one file system: two nodes of Slurm on this machine, each with a name and processes of its own
# (namespaces), so that neither sees those of the other. Takes what slurm.sh takes. Arguments are pytest's.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/scale/slurm_node.sh
own_slurm one two
HCUTAL_SLURM_HOSTS="one two" python -m pytest -n 0 tests/scale/test_two_hosts.py "$@"
