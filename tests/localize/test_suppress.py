import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hcutal.localize import suppress
from hcutal.localize.suppress import hard_nms, soft_nms


def overlap(a, b, extra=0.0):
    intersection = max(0.0, min(a[1], b[1]) - max(a[0], b[0]) + extra)
    union = (a[1] - a[0] + extra) + (b[1] - b[0] + extra) - intersection
    return intersection / union if union > 0 else 0.0


def slow_nms(segments, scores, threshold, extra):
    left = sorted(range(len(scores)), key=lambda index: -scores[index])
    kept = []
    while left:
        best = left.pop(0)
        kept.append(best)
        left = [other for other in left if overlap(segments[best], segments[other], extra) <= threshold]
    return kept


def slow_soft_nms(segments, scores, sigma):
    scores, left, taken = list(scores), list(range(len(scores))), []
    while left:
        best = max(left, key=lambda index: (scores[index], -index))
        left.remove(best)
        taken.append((best, scores[best]))
        for other in left:
            if scores[other] > 0:
                scores[other] *= np.exp(-(overlap(segments[best], segments[other]) ** 2) / sigma)
    return taken


cases = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 8), st.sampled_from([-0.5, 0.1, 0.2, 0.7, 1.3])), max_size=30
)


def arrays(case):
    start = np.array([c[0] for c in case], dtype=float)
    return start, start + [c[1] for c in case], np.array([c[2] for c in case], dtype=float)


@settings(deadline=None)
@given(cases, st.sampled_from([0.2, 0.5, 0.55, 1.0]), st.sampled_from([0.0, 1.0]), st.sampled_from([4, 512]))
def test_hard_suppression_agrees_with_the_definition(case, threshold, extra, block):
    start, end, score = arrays(case)
    expected = slow_nms(list(zip(start, end, strict=True)), list(score), threshold, extra)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suppress, "BLOCK", block)
        assert hard_nms(start, end, score, threshold, extra).tolist() == expected


@settings(deadline=None)
@given(cases, st.sampled_from([0.1, 0.5]))
def test_soft_suppression_agrees_with_the_definition(case, sigma):
    start, end, score = arrays(case)
    index, new = soft_nms(start, end, score, sigma)
    expected = slow_soft_nms(list(zip(start, end, strict=True)), list(score), sigma)
    np.testing.assert_allclose(new, [value for _, value in expected], rtol=1e-12)
    assert sorted(index.tolist()) == list(range(len(case)))
    assert (new <= score[index]).all()


def test_one_second_more_is_harder_on_short_proposals():
    start, end, score = np.array([0.0, 0.5]), np.array([1.0, 1.5]), np.array([1.0, 0.5])
    assert len(hard_nms(start, end, score, 0.55)) == 2
    assert len(hard_nms(start, end, score, 0.55, extra=1.0)) == 1
