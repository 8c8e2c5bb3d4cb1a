"""The page in a browser: clusters are named and merged, segments marked, recordings dropped, and all of it stays."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hcutal.labelling.label_server import LabelServer
from hcutal.labelling.marks import read_marks
from hcutal.params.given_labels import given_names
from tests.chromium import open_browser
from tests.labelling.conftest import train_again, write_page

NAMES = Path("labels/mine.0.csv")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as started:
        yield started


@pytest.fixture
def page(browser: Any, server: LabelServer) -> Iterator[Any]:
    """The served page; an error of its script fails the test."""
    opened = browser.new_page(viewport={"width": 1200, "height": 900})
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(server.address)
    yield opened
    opened.close()
    assert errors == []


def saved(page: Any) -> None:
    page.get_by_role("complementary", name="Names and marks").get_by_text("saved in labels/").wait_for()


def named(page: Any) -> list[str]:
    return [text.strip() for text in page.locator(".group h3").all_inner_texts()]


def test_play_name_merge_mark_drop_and_find_it_all_again(page: Any, server: LabelServer) -> None:
    card = page.locator(".card", has_text="b").first
    card.locator("a.play").click()
    page.wait_for_function("document.querySelector('#player video').currentTime >= 1")
    player = page.locator("#player")
    player.get_by_role("button", name="right").click()
    page.keyboard.press("Escape")

    page.get_by_label("Name of cluster 0").fill("wave")
    page.get_by_label("Name of cluster 0").press("Enter")
    assert named(page) == ["wave", "cluster-01", "cluster-02"]
    group = page.locator(".group", has_text="Name of cluster 1")
    group.get_by_label("same as").select_option("0")
    assert named(page) == ["wave", "wave", "cluster-02"]
    assert group.get_by_text("One class with cluster 0.").is_visible()
    # Timelines and lists have the names as well.
    assert page.locator("#recordings svg text", has_text="wave").count() == 4
    assert page.locator(".recording .about", has_text="in wave").count() == 3

    mark = page.get_by_role("group", name="c, 0:07.0 to 0:09.0: is it cluster-02?").first
    mark.get_by_role("button", name="wrong").click()
    mark.get_by_label("What it shows instead").fill("sit, down")
    mark.get_by_label("What it shows instead").press("Enter")
    page.locator("article.recording").nth(1).get_by_role("button", name="Drop the recording b").click()
    saved(page)
    assert page.locator("article.recording.dropped h3").inner_text().startswith("b")

    page.reload()
    page.get_by_label("Name of cluster 0").wait_for()
    assert named(page) == ["wave", "wave", "cluster-02"]
    assert page.get_by_label("Name of cluster 1").input_value() == "wave"
    assert mark.get_by_role("button", name="wrong").get_attribute("aria-pressed") == "true"
    assert mark.get_by_label("What it shows instead").input_value() == "sit, down"
    assert page.locator("article.recording.dropped").count() == 1
    assert page.locator("#said").inner_text().startswith("2 names, 2 marks (1 right), 1 dropped recording")
    assert "mine.0 agrees with 3 of 4 marks (75 %)" in page.locator("#said").inner_text()

    assert given_names(NAMES) == {
        "names": {"0": "wave", "1": "wave"},
        "named_training": server.labels.training,
    }
    assert [
        (mark.recording, mark.start, mark.end, mark.label, mark.clusters, mark.verdict, mark.name)
        for mark in read_marks(Path("labels/mine.0.marks.csv"))
    ] == [
        ("b", 1.0, 2.5, "cluster-00", "0", "right", ""),
        ("c", 7.0, 9.0, "cluster-02", "2", "wrong", "sit, down"),
    ]
    assert Path("labels/mine.0.dropped.csv").read_text() == "recording\nb\n"


def test_it_can_be_used_with_the_keyboard_alone(page: Any) -> None:
    page.get_by_label("Name of cluster 0").focus()
    page.keyboard.type("wave")
    for _ in range(3):
        page.keyboard.press("Tab")
    # Behind the name there are the choice of a cluster, the link of the first card, and its first mark.
    focused = page.evaluate(
        "(() => { const it = document.activeElement, style = getComputedStyle(it);"
        " return [it.innerText, style.outlineStyle, parseFloat(style.outlineWidth)]; })()"
    )
    assert focused == ["✓ right", "solid", 3.0]
    page.keyboard.press("Enter")
    saved(page)
    assert given_names(NAMES)["names"] == {"0": "wave"}
    assert [mark.verdict for mark in read_marks(Path("labels/mine.0.marks.csv"))] == ["right"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_control_has_a_name_and_a_phone_scrolls_down_alone(
    browser: Any, server: LabelServer, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    page.goto(server.address)
    page.get_by_label("Name of cluster 0").fill("wave")
    page.get_by_label("Name of cluster 0").press("Enter")
    saved(page)
    page.get_by_text("Mark its segments").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    nameless = page.locator("input, select, button").evaluate_all(
        "all => all.filter(it => !(it.labels?.length || it.getAttribute('aria-label') || it.innerText.trim()"
        " || it.offsetParent === null)).map(it => it.outerHTML)"
    )
    assert nameless == []
    # Words of 4.5 to 1 on their ground (WCAG AA), the names in boxes as those on buttons.
    contrasts = page.locator(".naming input, .mark button, #said, .together").evaluate_all(
        """all => all.filter(it => it.offsetParent).map(it => {
          const light = (text) => {
            const parts = text.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255);
            const [r, g, b] = parts.map(part => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
            return .2126 * r + .7152 * g + .0722 * b;
          };
          const clear = "rgba(0, 0, 0, 0)";
          let ground = it;
          while (getComputedStyle(ground).backgroundColor === clear) ground = ground.parentElement;
          const [low, high] = [getComputedStyle(it).color, getComputedStyle(ground).backgroundColor]
            .map(light).sort((a, b) => a - b);
          return (high + .05) / (low + .05);
        })"""
    )
    assert len(contrasts) > 5 and min(contrasts) >= 4.5
    context.close()


def test_names_of_an_older_training_are_not_overwritten_silently(page: Any, server: LabelServer) -> None:
    page.get_by_label("Name of cluster 0").fill("wave")
    page.get_by_label("Name of cluster 0").press("Enter")
    saved(page)
    before = NAMES.read_text()
    train_again()
    write_page()
    page.reload()
    page.get_by_label("Name of cluster 2").fill("jump")
    page.get_by_label("Name of cluster 2").press("Enter")
    page.get_by_text("not saved: labels/mine.0.csv: names clusters of training").wait_for()
    assert NAMES.read_text() == before
    page.get_by_role("button", name="Begin a new table, keep the old one").click()
    saved(page)
    assert given_names(NAMES)["names"] == {"2": "jump"}
    assert [path.read_text() for path in Path("labels").glob("mine.0-*.csv")] == [before]


def test_the_results_are_brought_up_to_date_from_the_page(page: Any) -> None:
    page.get_by_label("Name of cluster 0").fill("wave")
    page.get_by_label("Name of cluster 0").press("Enter")
    with page.expect_navigation():
        page.get_by_role("button", name="Bring the results up to date").click()
    page.get_by_label("Name of cluster 0").wait_for()
    assert Path(".hcutal/logs/label@mine.0.log").read_text() == "brought mine.0\n"


def test_a_table_that_was_edited_badly_is_told_of_and_left_as_it_is(page: Any) -> None:
    NAMES.parent.mkdir()
    NAMES.write_text("cluster,name\nx,wave\n")
    page.reload()
    page.get_by_text("labels/mine.0.csv: line 2: cluster is 'x'; expected a number").wait_for()
    page.get_by_label("Name of cluster 0").fill("wave")
    page.get_by_label("Name of cluster 0").press("Enter")
    page.get_by_text("not saved: labels/mine.0.csv: line 2").wait_for()
    assert NAMES.read_text() == "cluster,name\nx,wave\n"


def test_where_the_server_ended_nothing_is_lost(page: Any) -> None:
    page.route("**/labels", lambda route: route.abort())
    page.get_by_label("Name of cluster 0").fill("wave")
    page.get_by_label("Name of cluster 0").press("Enter")
    page.get_by_text("not saved: hcutal label mine.0 has ended").wait_for(timeout=10_000)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download mine.0.csv").click()
    assert "0,wave," in Path(waiting.value.path()).read_text()


def test_opened_as_a_file_the_tables_are_downloaded(
    browser: Any, server: LabelServer, tmp_path: Path
) -> None:
    page = browser.new_page()
    address = server.page.resolve().as_uri()
    page.goto(address)
    page.get_by_label("Name of cluster 0").fill('wave, "slow"')
    page.get_by_label("Name of cluster 0").press("Enter")
    page.get_by_role("group", name="b, 0:01.0 to 0:02.5").first.get_by_role("button", name="wrong").click()
    page.get_by_role("button", name="Drop the recording b").first.click()
    page.goto(address)
    assert named(page)[0] == 'wave, "slow"'
    assert page.get_by_text("Put the files into the folder labels/ of the project").is_visible()
    Path("labels").mkdir()
    for name in ("mine.0.csv", "mine.0.marks.csv", "mine.0.dropped.csv"):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=f"Download {name}").click()
        assert waiting.value.suggested_filename == name
        waiting.value.save_as(Path("labels") / name)
    page.close()
    state = server.labels.state()
    assert state["names"] == {"0": 'wave, "slow"'} and state["named_training"] == server.labels.training
    assert [(mark["recording"], mark["verdict"]) for mark in state["marks"]] == [("b", "wrong")]
    assert state["dropped"] == ["b"]
    # The same table as `hcutal names` makes.
    with NAMES.open(newline="") as stream:
        downloaded = list(csv.DictReader(stream))
    NAMES.unlink()
    server.labels.change({"training": server.labels.training, "names": {"0": 'wave, "slow"'}})
    with NAMES.open(newline="") as stream:
        assert downloaded == list(csv.DictReader(stream))


def test_marks_are_found_again_after_the_cluster_got_another_name(page: Any, server: LabelServer) -> None:
    page.locator(".card", has_text="b").first.get_by_role("button", name="right").click()
    saved(page)
    for path in ("results/mine/seed-0/map/mapping.csv", "results/mine/seed-0/propose/proposals.json"):
        Path(path).write_text(Path(path).read_text().replace("cluster-00", "wave"))
    cas = dict(np.load("results/mine/seed-0/propose/cas.npz"))
    np.savez("results/mine/seed-0/propose/cas.npz", **{**cas, "classes": ["wave", *cas["classes"][1:]]})
    write_page()
    page.reload()
    right = page.locator(".card", has_text="b").first.get_by_role("button", name="right")
    right.wait_for()
    assert named(page)[0] == "wave" and right.get_attribute("aria-pressed") == "true"
    with page.expect_response("**/labels"):
        right.click()
    assert server.labels.state()["marks"] == []


def test_the_table_of_all_recordings_is_filtered_and_sorted(page: Any) -> None:
    listing = page.locator("#listing")

    def shown() -> list[str]:
        return [text.strip() for text in listing.locator("tbody tr:visible th").all_inner_texts()]

    assert shown() == ["a film", "b", "c"]
    listing.get_by_role("button", name="segments").click()
    assert shown() == ["a film", "c", "b"]
    assert listing.get_by_role("columnheader", name="segments").get_attribute("aria-sort") == "descending"
    listing.get_by_role("button", name="recording", exact=True).click()
    listing.get_by_role("button", name="recording", exact=True).click()
    assert shown() == ["c", "b", "a film"]
    listing.get_by_label("Name holds").fill("FILM")
    assert shown() == ["a film"]
    assert listing.get_by_text("1 of 3 recordings").is_visible()
    assert page.locator("article.recording:visible h3").count() == 1
    listing.get_by_label("Name holds").fill("")
    # By the name that the cluster has now.
    page.get_by_label("Name of cluster 1").fill("jump")
    page.get_by_label("Name of cluster 1").press("Enter")
    listing.get_by_label("Cluster").focus()
    listing.get_by_label("Cluster").select_option(label="jump")
    assert shown() == ["c"]
    listing.get_by_label("Cluster").select_option("")
    assert shown() == ["c", "b", "a film"]


def test_each_row_of_the_table_has_a_timeline_that_plays_and_is_marked(
    page: Any, server: LabelServer
) -> None:
    lines = page.locator("#listing tbody tr .line svg")
    page.locator("#listing").scroll_into_view_if_needed()
    lines.nth(2).wait_for()
    assert [lines.nth(row).locator("rect").count() for row in range(3)] == [2, 1, 2]
    box, place = lines.nth(2).bounding_box(), lines.nth(2).locator("rect").nth(0).bounding_box()
    # The first segment of "c" lasts from 3 to 6 of 10 s.
    assert (place["x"] - box["x"]) / box["width"] == pytest.approx(0.3, abs=0.02)
    assert place["width"] / box["width"] == pytest.approx(0.3, abs=0.02)
    page.get_by_label("Name of cluster 1").fill("jump")
    page.get_by_label("Name of cluster 1").press("Enter")
    assert lines.nth(2).locator("title").nth(0).text_content() == "jump, 0:03.0 to 0:06.0"
    lines.nth(2).locator("rect").nth(0).click()
    assert page.locator("#player video").get_attribute("src").endswith("/50%25.webm#t=3.00,6.00")
    assert page.locator("#player strong").inner_text() == "c · jump, 0:03.0 to 0:06.0"
    page.locator("#player").get_by_role("button", name="wrong").click()
    saved(page)
    (mark,) = read_marks(Path("labels/mine.0.marks.csv"))
    assert (mark.recording, mark.start, mark.end, mark.label) == ("c", 3.0, 6.0, "cluster-01")
    # The card and the large timeline show it as well.
    assert page.locator("rect.is-wrong").count() == 2 and page.locator(".line rect.is-wrong").count() == 1


def test_without_scripts_the_page_is_plain(browser: Any, server: LabelServer) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.address)
    assert named(page) == ["cluster-00", "cluster-01", "cluster-02"]
    assert page.locator("main input, main select, main button:visible").count() == 0
    context.close()
