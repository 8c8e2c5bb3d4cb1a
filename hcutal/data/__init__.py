"""What recordings are known by: annotations and their subsets, feature stores, which snippets are used, their
times.

Annotations come in ActivityNet's form (`annotations`, checked by `annotation_records`) and the other forms of
the field (`ground_truth`, `activitynet`, `thumos14`). A feature store is a folder of arrays with a sidecar
(`store`). `sampling` says which rows of it are looked at, `times` where they stand in seconds.
"""
