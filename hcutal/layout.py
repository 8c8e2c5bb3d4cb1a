"""Where each stage of the pipeline keeps its files, relative to the project's folder."""

from pathlib import Path


def dataset_dir(dataset: str) -> Path:
    """What `prepare` writes: annotations, labels, videos, supervision, recordings."""
    return Path("data", dataset)


def features_dir(dataset: str) -> Path:
    """What `features` writes: one `.npy` a stream and video, and `features.json`."""
    return Path("features", dataset)


def results_dir(experiment: str, stage: str) -> Path:
    """What a stage of an experiment writes."""
    return Path("results", experiment, stage)


def labels_dir() -> Path:
    """What people say of the recordings: names of clusters, annotations of data sets."""
    return Path("labels")
