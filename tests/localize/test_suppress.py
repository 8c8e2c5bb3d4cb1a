import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

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
@given(cases, st.sampled_from([0.0, 0.2, 0.5, 0.55, 1.0]), st.sampled_from([0.0, 1.0]))
def test_hard_suppression_agrees_with_the_definition(case, threshold, extra):
    start, end, score = arrays(case)
    expected = slow_nms(list(zip(start, end, strict=True)), list(score), threshold, extra)
    assert hard_nms(start, end, score, threshold, extra).tolist() == expected


@settings(deadline=None)
@given(cases, st.sampled_from([0.1, 0.5]))
def test_soft_suppression_agrees_with_the_definition(case, sigma):
    start, end, score = arrays(case)
    index, new = soft_nms(start, end, score, sigma)
    expected = slow_soft_nms(list(zip(start, end, strict=True)), list(score), sigma)
    # The same product in the same order: not a bit differs.
    assert list(zip(index.tolist(), new.tolist(), strict=True)) == expected
    assert (new <= score[index]).all()


groups = st.lists(st.integers(0, 3), min_size=30, max_size=30)


@settings(deadline=None)
@given(cases, groups, st.sampled_from([0.2, 0.55]), st.sampled_from([0.0, 1.0]))
def test_groups_are_suppressed_one_by_one_by_hard_suppression(case, groups, threshold, extra):
    start, end, score = arrays(case)
    group = np.array(groups[: len(case)], dtype=np.int64)
    alone = [
        own[hard_nms(start[own], end[own], score[own], threshold, extra)]
        for own in (np.flatnonzero(group == number) for number in range(4))
    ]
    kept = hard_nms(start, end, score, threshold, extra, group)
    assert sorted(kept.tolist()) == sorted(np.concatenate(alone).tolist())
    assert kept.tolist() == sorted(kept.tolist(), key=lambda index: (-score[index], index))


@settings(deadline=None)
@given(cases, groups, st.sampled_from([0.1, 0.5]))
def test_groups_are_suppressed_one_by_one_by_soft_suppression(case, groups, sigma):
    start, end, score = arrays(case)
    group = np.array(groups[: len(case)], dtype=np.int64)
    alone = score.copy()
    for number in range(4):
        own = np.flatnonzero(group == number)
        index, new = soft_nms(start[own], end[own], score[own], sigma)
        alone[own[index]] = new
    index, new = soft_nms(start, end, score, sigma, group)
    assert index.tolist() == np.argsort(-alone, kind="stable").tolist()
    assert new.tolist() == alone[index].tolist()


def test_scores_that_sink_to_nothing_are_nothing():
    """Factors of exp(-10,000) are 0, so that all but the first of three equal segments are left with a score of 0."""
    same = np.array([0.0, 0.0, 0.0])
    index, new = soft_nms(same, same + 1, np.array([0.3, 0.9, 0.5]), sigma=1e-4)
    assert index.tolist() == [1, 0, 2] and new.tolist() == [0.9, 0.0, 0.0]


def test_nothing_is_suppressed_where_there_is_nothing():
    none = np.zeros(0)
    assert hard_nms(none, none, none, 0.5).tolist() == []
    assert [part.tolist() for part in soft_nms(none, none, none, 0.5)] == [[], []]


def test_one_second_more_is_harder_on_short_proposals():
    start, end, score = np.array([0.0, 0.5]), np.array([1.0, 1.5]), np.array([1.0, 0.5])
    assert len(hard_nms(start, end, score, 0.55)) == 2
    assert len(hard_nms(start, end, score, 0.55, extra=1.0)) == 1
