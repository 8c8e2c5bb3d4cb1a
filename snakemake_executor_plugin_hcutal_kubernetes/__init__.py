"""Where Snakemake finds `executor: hcutal-kubernetes`: it looks for packages by this name."""

from hcutal.pipeline.kubernetes.executor import Executor, ExecutorSettings, common_settings

__all__ = ["Executor", "ExecutorSettings", "common_settings"]
