"""The drawing of a timeline: bars and outlines at their places."""

import numpy as np
import pandas as pd

from hcutal.report.kit.drawing import Drawing, draw

COLOURS = {"jump": "#112233", "run & <walk>": "#445566"}
COLUMNS = ["start", "end", "label", "score"]
ROWS = [
    (0.0, 1.5, "jump", 0.25),
    (1.0404, 2.8, "jump", 0.875),
    (1.2, 3.21, "run & <walk>", 0.5),
    (2.9, 5.0, "jump", 0.125),
    (59.96, 61.0, "jump", 0.75),
]


def drawing_of(rows: list[tuple[float, float, str, float]], duration: float = 70.0) -> Drawing:
    times = np.arange(0.5, duration, 1.0)
    curves = {label: np.linspace(0, 2, len(times)) for label in COLOURS}
    return draw(pd.DataFrame(rows, columns=COLUMNS), duration, times, curves, COLOURS)


def test_bars_stand_at_their_times() -> None:
    drawing = drawing_of(ROWS)
    # The class with the best segment is above.
    assert [(lane.label, lane.top) for lane in drawing.lanes] == [("jump", 0.0), ("run & <walk>", 38.0)]
    bars = drawing.lanes[0].bars
    seconds = [((bar.x - 150) / (838 / 70), (bar.x + bar.width - 150) / (838 / 70)) for bar in bars]
    expected = [(start, end) for start, end, label, _ in ROWS if label == "jump"]
    np.testing.assert_allclose(seconds, expected, atol=0.01)
    assert [bar.fragment for bar in bars] == [
        "#t=0.00,1.50",
        "#t=1.04,2.80",
        "#t=2.90,5.00",
        "#t=59.96,61.00",
    ]
    assert bars[1].title == "jump, 0:01.0 to 0:02.8, score 0.88"
    assert [bar.opacity for bar in bars] == [0.54, 1.0, 0.44, 0.91]
    assert [text for _, text in drawing.ticks] == [
        "0:00",
        "0:10",
        "0:20",
        "0:30",
        "0:40",
        "0:50",
        "1:00",
        "1:10",
    ]


def test_the_outline_follows_the_curve() -> None:
    lane = drawing_of(ROWS).lanes[0]
    points = np.array([point.split(",") for point in lane.outline.split()], dtype=float)
    assert len(points) == 70 + 2
    # Up is less: from the foot at no activation to 3 below the top of the lane at the highest.
    assert points[0, 1] == points[1, 1] == points[-1, 1] == 26.0
    assert points[-2, 1] == 3.0 and np.all(np.diff(points[1:-1, 1]) <= 0)


def test_an_hour_has_few_ticks_and_short_segments_stay_visible() -> None:
    drawing = drawing_of([(1800.0, 1800.5, "jump", 0.9)], 3600.0)
    assert len(drawing.ticks) == 13 and drawing.ticks[-1][1] == "1:00:00"
    assert drawing.lanes[0].bars[0].width == 1.0


def test_nothing_found_is_an_axis_alone() -> None:
    drawing = drawing_of([])
    assert drawing.lanes == [] and len(drawing.ticks) == 8
