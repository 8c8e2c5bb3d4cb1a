"""Clusters of recordings beside the training: what they are called, how good they are, what they are compared with.

Clusters come from g_v (`hcutal/model`) or from `baselines`; nothing here trains.

- `mapping`: names of clusters from video-level labels (the count rule of section 3.2.1)
- `scores`: agreement with labels (ARI, NMI, accuracy) and how evenly the clusters are used
- `baselines`: k-means, agglomerative and spectral clustering, as in Table 7; also a source of pseudo-labels
- `numbering`: numbers that stay when recordings are clustered again
- `estimate`: the number of clusters, without labels
"""
