import numpy as np
import pytest

from hcutal.cluster.mapping import MappingRow, identity_mapping
from hcutal.errors import HcutalError
from hcutal.localize.merge import class_cas, class_map, class_scores

ROWS = [
    MappingRow(0, "run", 6, 8, 1),
    MappingRow(0, "jump", 3, 8, 1),
    MappingRow(0, "swim", 1, 8, 0),
    MappingRow(2, "run", 5, 5, 1),
]
CAS = np.array([[1.0, 9.0, 4.0], [5.0, 9.0, 0.0]], dtype=np.float32)
SCORES = np.array([0.2, 0.3, 0.5], dtype=np.float32)


def test_matrix_of_kept_classes():
    mapping = class_map(ROWS, 3)
    assert mapping.classes == ["jump", "run"]
    np.testing.assert_array_equal(mapping.weight, [[1, 1], [0, 0], [0, 1]])
    np.testing.assert_allclose(class_map(ROWS, 3, "share").weight, [[3 / 8, 6 / 8], [0, 0], [0, 1]])


def test_scores_are_summed_over_clusters():
    np.testing.assert_allclose(class_scores(SCORES, class_map(ROWS, 3)), [0.2, 0.7])
    np.testing.assert_allclose(class_scores(SCORES, class_map(ROWS, 3, "share")), [0.075, 0.65])


def test_cas_is_the_highest_or_the_weighted_mean():
    mapping = class_map(ROWS, 3)
    np.testing.assert_allclose(class_cas(CAS, SCORES, mapping), [[1, 4], [5, 5]])
    run = [(0.2 * 1 + 0.5 * 4) / 0.7, (0.2 * 5) / 0.7]
    np.testing.assert_allclose(
        class_cas(CAS, SCORES, mapping, "weighted"), np.stack([[1, 5], run], axis=1), rtol=1e-6
    )


@pytest.mark.parametrize("merge", ["max", "weighted"])
def test_classes_stay_as_they_are(merge):
    mapping = class_map(identity_mapping(["a", "b", "c"], {}), 3)
    np.testing.assert_allclose(class_scores(SCORES, mapping), SCORES)
    np.testing.assert_allclose(class_cas(CAS, SCORES, mapping, merge), CAS)


def test_without_names_there_are_no_classes():
    mapping = class_map([], 3)
    assert class_scores(SCORES, mapping).shape == (0,)
    assert (
        class_cas(CAS, SCORES, mapping).shape == class_cas(CAS, SCORES, mapping, "weighted").shape == (2, 0)
    )


def test_unknown_clusters_are_refused():
    with pytest.raises(HcutalError, match="names cluster 2, but the model has 2 columns"):
        class_map(ROWS, 2)
