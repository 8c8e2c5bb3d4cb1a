"""The bytes of figures depend on their content alone."""

import matplotlib

from hcutal.report.kit.figure import picture
from hcutal.report.sections.results_section import draw_thresholds


def test_bytes_depend_on_the_content_alone() -> None:
    def png() -> bytes:
        return picture(draw_thresholds({"own": [0.5, 0.2]}, ["0.3", "0.5"]), "x", "alt", 60).png

    first = png()
    with matplotlib.rc_context({"axes.facecolor": "red", "font.size": 30, "savefig.dpi": 200}):
        assert png() == first
    assert b"Software" not in first
    assert b"tIME" not in first
