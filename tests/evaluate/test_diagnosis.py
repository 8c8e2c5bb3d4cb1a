import pandas as pd
import pytest

from hcutal.errors import HcutalError
from hcutal.evaluate.diagnosis import KINDS, error_shares


def truth(*rows):
    return pd.DataFrame(rows, columns=["video", "start", "end", "label"]).astype(
        {"start": float, "end": float}
    )


def found(*rows):
    names = ["video", "start", "end", "label", "score"]
    return pd.DataFrame(rows, columns=names).astype({"start": float, "end": float, "score": float})


INSTANCES = [("v", 0, 10, "run"), ("v", 20, 30, "jump"), ("w", 0, 10, "jump"), ("w", 40, 50, "run")]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (("v", 0, 9, "run"), "true"),
        (("v", 20, 29, "run"), "wrong_label"),
        (("v", 0, 4, "run"), "localization"),
        (("v", 20, 24, "run"), "confusion"),
        (("v", 50, 60, "run"), "background"),
        (("elsewhere", 0, 10, "run"), "background"),
    ],
)
def test_kinds_of_errors(row, kind):
    shares = error_shares(truth(*INSTANCES), found((*row, 0.5)))
    assert shares == {name: float(name == kind) for name in KINDS}


def test_the_second_on_an_instance_is_double_and_the_rest_is_not_looked_at():
    rows = [
        ("v", 0, 10, "run", 0.9),
        ("v", 0, 9, "run", 0.8),
        ("v", 70, 80, "run", 0.7),
        ("v", 0, 10, "swim", 1.0),
    ]
    shares = error_shares(truth(*INSTANCES), found(*rows))
    assert (shares["true"], shares["double"]) == (0.5, 0.5)
    assert sum(shares.values()) == pytest.approx(1)


def test_nothing_to_judge():
    assert set(error_shares(truth(*INSTANCES), found()).values()) == {0.0}
    assert set(error_shares(truth(), found(("v", 0, 1, "run", 1))).values()) == {0.0}


def test_thresholds_are_checked():
    with pytest.raises(HcutalError, match=r"touch is 0\.5, tIoU is 0\.5; expected 0 < touch < tIoU <= 1"):
        error_shares(truth(*INSTANCES), found(), tiou=0.5, touch=0.5)
