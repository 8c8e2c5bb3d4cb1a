from pathlib import Path

import pytest

from hcutal.errors import HcutalError
from hcutal.extract.registry import BUILT_IN, REQUIRED, Recipe, extractor_names, find_extractor, read_options


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_extractors_are_whole_and_their_defaults_hold(name: str) -> None:
    kind = find_extractor(name)
    assert all(hasattr(kind, part) for part in REQUIRED)
    assert kind(Recipe(name, {}).params()).step() > 0
    assert kind.neutral <= set(kind.Params.model_fields)
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in kind.suffixes)


def test_an_unknown_extractor_is_refused_with_the_list() -> None:
    with pytest.raises(
        HcutalError,
        match=r"extractor: found 'c3d'; expected one of i3d, poses, torchvision, transformers, vectors, watch",
    ):
        find_extractor("c3d")


def test_an_entry_point_of_another_package_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "foreign-1.0.dist-info"
    site.mkdir()
    (site / "METADATA").write_text("Metadata-Version: 2.1\nName: foreign\nVersion: 1.0\n")
    lines = "counting = tests.extract.counting:CountingExtractor\nhalf = pathlib:Path\ngone = no_such:Thing\n"
    (site / "entry_points.txt").write_text(f"[hcutal.extractors]\n{lines}")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert {"counting", "half", "gone", *BUILT_IN} == set(extractor_names())
    assert Recipe("counting", {"scale": 2.0}).make().about().fps == 25.0
    with pytest.raises(HcutalError, match=r"extractor counting\.scale: found 'x'"):
        Recipe("counting", {"scale": "x"}).make()
    with pytest.raises(HcutalError, match=r"extractor half: .* has no Params, neutral"):
        find_extractor("half")
    with pytest.raises(HcutalError, match=r"extractor gone: no_such:Thing cannot be imported"):
        find_extractor("gone")


def test_options_are_nested_and_typed() -> None:
    found = read_options(["flow=dis", "batch=2", "weights.flow=a/b.pt", "weights.rgb=null", "centre=true"])
    assert found == {"flow": "dis", "batch": 2, "weights": {"flow": "a/b.pt", "rgb": None}, "centre": True}
    with pytest.raises(HcutalError, match=r"option: found 'fast'; expected KEY=VALUE"):
        read_options(["fast"])
    with pytest.raises(HcutalError, match=r"option streams: not valid YAML"):
        read_options(["streams=[rgb"])
    with pytest.raises(HcutalError, match=r"option flow\.bound: flow has a value of its own already"):
        read_options(["flow=dis", "flow.bound=2"])


def test_where_another_extractor_reads_what_is_there_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.CSV").touch()
    with pytest.raises(HcutalError, match=r"no recording; found 1 \.csv; expected .*: --extractor vectors$"):
        Recipe("i3d", {}).look_into(tmp_path)
    (tmp_path / "a.CSV").rename(tmp_path / "a.xyz")
    with pytest.raises(HcutalError, match=r"found 1 \.xyz; expected [^:]*$"):
        Recipe("i3d", {}).look_into(tmp_path)
