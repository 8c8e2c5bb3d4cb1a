from pathlib import Path

import pytest

from hcutal.cluster.mapping import read_mapping
from hcutal.errors import HcutalError
from hcutal.files import read_json, write_json
from hcutal.stages.map import run, training_id

LABELS = {"a": ["run"], "b": ["run"], "c": ["jump", "run"], "d": ["jump"], "e": ["jump"], "t": ["run"]}


def write_project(
    supervision="unsupervised", classes=None, labels=LABELS, clusters="a,0\nb,0\nc,0\nd,3\ne,3\n"
):
    write_json("resolved.json", {"runs": {"exp": {"0": {"map": {"fraction": 0.5}, "evaluate": {}}}}})
    write_json("data/ds/labels.json", labels)
    rows = [f"{video},{'test' if video == 't' else 'train'},10\n" for video in LABELS]
    Path("data/ds/videos.csv").write_text("video,subset,duration\n" + "".join(rows))
    write_json("results/exp/seed-0/train/model.json", {"classes": classes, "supervision": supervision})
    lines = [f"{line.replace(',', ',0,10,')},0.9\n" for line in clusters.split()]
    Path("results/exp/seed-0/train/pseudo_labels.csv").write_text(
        "video,start,end,cluster,confidence\n" + "".join(lines)
    )


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def mapping():
    return [
        (row.cluster, row.label, row.count, row.videos, row.kept)
        for row in read_mapping("results/exp/seed-0/map/mapping.csv")
    ]


def test_clusters_get_the_names_of_frequent_classes():
    write_project()
    run("exp.0", "ds")
    assert mapping() == [(0, "run", 3, 3, 1), (0, "jump", 1, 3, 0), (3, "jump", 2, 2, 1)]
    metrics = read_json("results/exp/seed-0/map/metrics.json")
    assert metrics["ARI/single"] == metrics["NMI/single"] == 1.0
    # Under `first`, video c counts as `jump`, which is in the other cluster.
    assert metrics["ARI"] == metrics["ARI/first"] < 1
    assert (metrics["videos"], metrics["clusters_used"]) == (5, 2)
    assert (metrics["labels"], metrics["labels_kept"]) == (2, 2)
    assert not any("@" in name for name in metrics)


@pytest.mark.parametrize("supervision", ["weak", "mapped"])
def test_columns_with_names_keep_them(supervision):
    write_project(supervision, classes=["jump", "run"])
    run("exp.0", "ds")
    assert mapping() == [(0, "jump", 3, 3, 1), (1, "run", 3, 3, 1)]
    metrics = read_json("results/exp/seed-0/map/metrics.json")
    assert ("ARI" in metrics) == (supervision == "mapped")


def test_recordings_without_labels_of_their_own_count_for_what_training_was_given():
    labels = LABELS | {video: [] for video in "abcd"}
    write_project("weak", ["jump", "run", "sit"], labels, clusters="a,0\nb,1\nc,1\nd,1\ne,1\n")
    run("exp.0", "ds")
    # Nobody shows `sit`, of which training knew all the same.
    assert mapping() == [(0, "jump", 2, 2, 1), (1, "run", 3, 3, 1), (2, "sit", 0, 0, 1)]


def test_pieces_have_the_labels_of_their_recording():
    write_project()
    rows = ["a,0,6,0", "a,4,10,3", "b,0,6,0", "d,0,6,3", "d,4,10,3"]
    text = "video,start,end,cluster,confidence\n" + "".join(f"{row},0.9\n" for row in rows)
    Path("results/exp/seed-0/train/pseudo_labels.csv").write_text(text)
    run("exp.0", "ds")
    # Three of five pieces are of recordings with `run`: one of three is no more than chance.
    assert mapping() == [(0, "run", 2, 2, 1), (3, "jump", 2, 3, 1), (3, "run", 1, 3, 0)]
    metrics = read_json("results/exp/seed-0/map/metrics.json")
    # A piece need not show the class of its recording.
    assert "ARI" not in metrics
    assert metrics["clusters_used"] == 2


def test_a_cluster_of_pieces_without_a_label_beyond_chance_is_called_by_its_number():
    write_project(labels=dict.fromkeys(LABELS, ("jump", "run")))
    rows = ["a,0,6,0", "a,4,10,3", "b,0,6,0"]
    text = "video,start,end,cluster,confidence\n" + "".join(f"{row},0.9\n" for row in rows)
    Path("results/exp/seed-0/train/pseudo_labels.csv").write_text(text)
    run("exp.0", "ds")
    assert [row for row in mapping() if row[4]] == [(0, "cluster-00", 2, 2, 1), (3, "cluster-03", 1, 1, 1)]


def test_without_labels_clusters_are_called_by_number():
    write_project(labels={video: [] for video in LABELS})
    run("exp.0", "ds")
    assert mapping() == [(0, "cluster-00", 3, 3, 1), (3, "cluster-03", 2, 2, 1)]
    assert "ARI" not in read_json("results/exp/seed-0/map/metrics.json")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"clusters": "a,0\nt,1\n"},
            r"pseudo_labels\.csv: found video t; expected training videos of data/ds/videos\.csv",
        ),
        (
            {"clusters": "a,0\na,1\n"},
            r"pseudo_labels\.csv: found a, 0\.0 to 10\.0 s, cluster 1; expected each piece once",
        ),
        ({"clusters": "a,x\n"}, r"pseudo_labels\.csv: column cluster: .*expected a whole number"),
        (
            {"labels": {"a": ["run"]}},
            r"labels\.json: no list of labels for b; expected one for every training",
        ),
    ],
)
def test_bad_input_is_refused(change, message):
    write_project(**change)
    with pytest.raises(HcutalError, match=message):
        run("exp.0", "ds")
    assert not Path("results/exp/seed-0/map").exists()


def give(names, training=None):
    section = {"fraction": 0.5, "names": names, "named_training": training}
    write_json("resolved.json", {"runs": {"exp": {"0": {"map": section, "evaluate": {}}}}})


def test_names_by_hand_go_before_counted_ones():
    write_project()
    give({"0": "sprint", "9": "none"})
    run("exp.0", "ds")
    assert mapping() == [(0, "sprint", 3, 3, 1), (3, "jump", 2, 2, 1)]
    metrics = read_json("results/exp/seed-0/map/metrics.json")
    assert (metrics["names_given"], metrics["names_ignored"]) == (2, 0)
    assert metrics["ARI"] > 0


def test_two_clusters_may_share_a_name_without_labels():
    write_project(labels={video: [] for video in LABELS})
    give({"0": "move", "3": "move"}, training_id(Path("results/exp/seed-0/train/pseudo_labels.csv")))
    run("exp.0", "ds")
    assert mapping() == [(0, "move", 3, 3, 1), (3, "move", 2, 2, 1)]


def test_names_of_another_training_are_not_used(caplog):
    write_project(labels={video: [] for video in LABELS})
    give({"0": "move"}, "0123456789ab")
    run("exp.0", "ds")
    assert mapping() == [(0, "cluster-00", 3, 3, 1), (3, "cluster-03", 2, 2, 1)]
    assert read_json("results/exp/seed-0/map/metrics.json")["names_ignored"] == 1
    assert "labels/exp.0.csv are of clusters of training 0123456789ab" in caplog.text


def test_a_cluster_without_a_labelled_video_keeps_its_number():
    write_project(labels={**LABELS, "d": [], "e": []})
    run("exp.0", "ds")
    assert mapping() == [(0, "run", 3, 3, 1), (0, "jump", 1, 3, 0), (3, "cluster-03", 2, 2, 1)]


def test_videos_that_are_trained_on_and_tested():
    write_project()
    path = Path("data/ds/videos.csv")
    path.write_text(path.read_text().replace(",train,", ",both,"))
    run("exp.0", "ds")
    assert len(mapping()) == 3
