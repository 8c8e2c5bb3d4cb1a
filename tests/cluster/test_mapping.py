from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hcutal.cluster.mapping import (
    MappingRow,
    identity_mapping,
    kept_classes,
    map_clusters,
    read_mapping,
    write_mapping,
)
from hcutal.errors import HcutalError


def test_keeps_classes_with_half_of_the_largest_count():
    counts = np.array([[4, 2, 1, 0], [5, 3, 2, 0], [0, 0, 0, 0]])
    expected = [[True, True, False, False], [True, True, False, False], [False] * 4]
    np.testing.assert_array_equal(kept_classes(counts), expected)
    np.testing.assert_array_equal(kept_classes(counts, 1.0), [[1, 0, 0, 0], [1, 0, 0, 0], [0] * 4])
    assert kept_classes(np.zeros((2, 0))).shape == (2, 0)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sets(st.sampled_from("abcd"))), max_size=20),
    st.sampled_from([0.25, 0.5, 1.0]),
)
def test_agrees_with_counting_by_hand(videos, fraction):
    clusters = {f"v{index}": cluster for index, (cluster, _) in enumerate(videos)}
    labels = {f"v{index}": sorted(names) for index, (_, names) in enumerate(videos)}
    expected = []
    for cluster in sorted(set(clusters.values())):
        members = [video for video in clusters if clusters[video] == cluster]
        count = Counter(name for video in members for name in labels[video])
        for name in sorted(count, key=lambda name: (-count[name], name)):
            kept = count[name] >= fraction * max(count.values())
            expected.append(MappingRow(cluster, name, count[name], len(members), int(kept)))
    assert map_clusters(clusters, labels, fraction) == expected


def test_is_read_as_it_was_written(tmp_path):
    rows = [MappingRow(0, "run, fast", 3, 4, 1), MappingRow(2, "jump", 0, 0, 0)]
    write_mapping(tmp_path / "mapping.csv", rows)
    assert (tmp_path / "mapping.csv").read_text().splitlines()[0] == "cluster,label,count,videos,kept,chance"
    assert read_mapping(tmp_path / "mapping.csv") == rows
    write_mapping(tmp_path / "mapping.csv", [])
    assert read_mapping(tmp_path / "mapping.csv") == []


def test_a_file_from_before_chance_was_counted_has_none(tmp_path):
    (tmp_path / "mapping.csv").write_text("cluster,label,count,videos,kept\n0,run,3,4,1\n")
    assert read_mapping(tmp_path / "mapping.csv") == [MappingRow(0, "run", 3, 4, 1, 0.0)]


def test_pieces_name_a_cluster_by_what_is_beyond_chance():
    """All recordings show `rest`, three of five pieces are of recordings with `run`: 3/5 of any cluster has it."""
    labels = {video: ["rest", "run" if video in "abc" else "jump"] for video in "abcde"}
    clusters = {"a": 0, "b": 0, "d": 0, "c": 1, "e": 1}
    rows = {(row.cluster, row.label): row for row in map_clusters(clusters, labels, 0.5, beyond_chance=True)}
    assert {name: row.chance for (_, name), row in rows.items()} == {"rest": 1.0, "run": 0.6, "jump": 0.4}
    assert rows[0, "run"].share == pytest.approx((2 / 3 - 3 / 5) / (2 / 5))
    assert rows[1, "jump"].share == pytest.approx((1 / 2 - 2 / 5) / (3 / 5))
    assert [key for key, row in rows.items() if row.kept] == [(0, "run"), (1, "jump")]
    assert rows[0, "rest"].share == rows[0, "jump"].share == rows[1, "run"].share == 0.0
    plain = map_clusters(clusters, labels)
    assert [(row.cluster, row.label) for row in plain if row.kept] == [
        (0, "rest"), (0, "run"), (1, "rest"), (1, "jump"), (1, "run"),
    ]  # fmt: skip


def test_identity_names_every_column():
    assert identity_mapping(["jump", "run"], {1: 3}) == [
        MappingRow(0, "jump", 0, 0, 1),
        MappingRow(1, "run", 3, 3, 1),
    ]


@pytest.mark.parametrize("fraction", [0.0, 1.5])
def test_fraction_is_checked(fraction):
    with pytest.raises(HcutalError, match=f"fraction is {fraction}; expected above 0 and at most 1"):
        kept_classes(np.ones((1, 1)), fraction)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cluster,label,count,videos\n", "no column kept; found cluster, label, count, videos"),
        ("cluster,label,count,videos,kept\n0,run,x,1,1\n", "column count: .*'x'; expected a whole number"),
        (
            "cluster,label,count,videos,kept\n0,run,1,1,1\n0,run,3,1,1\n",
            "line 3: found .*expected cluster >= 0",
        ),
        ("cluster,label,count,videos,kept\n-1,run,1,1,1\n", "line 2: found .*expected cluster >= 0"),
        ("cluster,label,count,videos,kept\n0,run,-1,1,1\n", "line 2: found .*expected cluster >= 0"),
        ("cluster,label,count,videos,kept\n0,run,1,1,2\n", "line 2: found .*kept 0 or 1"),
        ("", "not a CSV table"),
    ],
)
def test_malformed_files_are_refused(tmp_path, text, message):
    path = tmp_path / "mapping.csv"
    path.write_text(text)
    with pytest.raises(HcutalError, match=rf"mapping\.csv: {message}"):
        read_mapping(path)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(HcutalError, match=r"mapping\.csv: no such file"):
        read_mapping(tmp_path / "mapping.csv")
