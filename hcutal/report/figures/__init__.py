"""The figures that compare variants of the method: the paper's figures 4 to 7 on a data set of one's own.

- `compared.py`: what a figure is given, one run of each variant, and what it gives.
- `shown_recordings.py`: the rules by which recordings and classes are chosen.
- `cas_levels.py`, `cluster_maps.py`, `level_timelines.py`, `snippet_maps.py`: figures 4, 5, 6 and 7.
- `learned_features.py`, `projection.py`: what a network makes of features, and t-SNE of it.
- `suite_figures.py`: the figures by name, and how they become files.
"""
