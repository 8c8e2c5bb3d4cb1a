"""Features of many dimensions as points of a plane, by t-SNE."""

import numpy as np
import numpy.typing as npt

from hcutal.errors import HcutalError

# Van der Maaten and Hinton (2008): between 5 and 50, after PCA to about 30 to 50 dimensions.
PERPLEXITY = 30.0
COMPONENTS = 50
FEWEST = 5


def t_sne(features: npt.NDArray[np.floating], seed: int) -> npt.NDArray[np.float64]:
    """Points [N, 2] of features [N, D], scaled to between -1 and 1; the same seed gives the same points.

    Distances between groups of points, and their sizes, say little: neighbours are what is kept.

    Raises:
        HcutalError: for fewer than five rows, or values that are not finite.
    """
    # Slow to import, and only needed here.
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    values = np.asarray(features, dtype=np.float64)
    if len(values) < FEWEST or not np.isfinite(values).all():
        raise HcutalError(
            f"t-SNE: found features of shape {values.shape}; expected {FEWEST} rows or more, all finite"
        )
    components = min(COMPONENTS, *values.shape)
    if components < values.shape[1]:
        values = PCA(components, random_state=seed, svd_solver="full").fit_transform(values)
    perplexity = min(PERPLEXITY, (len(values) - 1) / 3)
    found = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(values)
    found = np.asarray(found, dtype=np.float64)
    found -= (found.max(axis=0) + found.min(axis=0)) / 2
    return found / max(float(np.abs(found).max()), 1e-12)
