"""What several tests share."""

import os

# Two cores, and tests beside each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
