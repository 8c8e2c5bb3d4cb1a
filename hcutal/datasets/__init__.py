"""The kinds of data sets, a module each; `hcutal.params.kinds` is their registry.

A module has `prepare`, which writes what `hcutal.layout.DatasetFiles` names (annotations, labels, the list of
recordings, the recordings themselves or where they are), and `features`, which makes the feature store of the
recordings alone: it sees no label. `prepared` writes what all kinds leave, `given` takes arrays that exist.
"""
