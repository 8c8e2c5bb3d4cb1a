"""Finds actions in untrimmed recordings without labels (HC-UTAL).

The rooms, from the ground up. Imports go downwards only (tests/test_structure.py):

- `errors`, `files`, `hashes`, `tables`, `layout`, `entry`, `device`: what all others share
- `params`: every parameter, typed and described
- `data`: annotations, feature stores, sampling, the times of snippets
- `losses`, `cluster`: the equations of the paper, a file each; clusterings and the names of clusters
- `model`: the network and its joint training
- `localize`, `evaluate`: from class activation sequences to proposals; what they score
- `extract`: from recordings to features
- `labelling`: what people say of clusters, segments and recordings, and the server by which they say it
- `datasets`: the kinds of data sets, a module each
- `doctor`: what is wrong with data that a person brings
- `apply`: a trained run on new recordings
- `suites`: the paper's tables
- `report`, `export`: pages and figures; the forms of annotation tools
- `stages`: one thin command a stage of the pipeline
- `code`: which code a stage depends on
- `pipeline`: DVC, Snakemake and MLflow; the only room that knows them
- `commands`, `cli`: the command `hcutal`
"""


def __getattr__(name: str) -> str:
    """`__version__`, looked up when it is asked for: most commands never do."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version

    return version("hcutal")
