import pytest

from hcutal.data.problems import ERROR, NOTE, WARNING, Findings
from hcutal.errors import HcutalError


def test_errors_come_first_and_all_of_them_are_in_the_message() -> None:
    found = Findings()
    found.add(NOTE, "extra", "more than is needed", "none is needed")
    found.refuse("mine")
    found.add_each(WARNING, "none", [], "files", "nothing")
    found.add_each(ERROR, "nan", ["a", "b", "c", "d"], "files hold NaN", "make them anew")
    assert [problem.kind for problem in found.by_gravity()] == ["nan", "extra"]
    with pytest.raises(HcutalError) as error:
        found.refuse("mine")
    assert str(error.value) == "mine: 1 error\n  4 files hold NaN: a, b, c, ...\n    make them anew"
    assert found.as_dict()["problems"][0]["places"] == ["a", "b", "c", "d"]
