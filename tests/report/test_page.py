"""The page as a reader gets it: whole, by itself, and safe whatever the web's texts say."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from webpairs import params
from webpairs.errors import WebpairsError
from webpairs.report import page, run

Write = Callable[[], Path]
VOID = {"meta", "img", "rect", "line", "circle", "polyline", "path"}


def read(metrics: Path = run.METRICS) -> run.Run:
    """The run in the working folder."""
    found = params.load()
    data = (Path("data/archive"), Path("data/pairs"), Path("data/generated"))
    return run.read(found.report, found.archive.inputs, *data, metrics)


class Outline(HTMLParser):
    """Collects tags and attributes, and checks that tags close in the order they opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def outline(html: str) -> Outline:
    found = Outline()
    found.feed(html)
    assert found.open == []
    return found


@pytest.fixture
def html(small_run: Write) -> str:
    small_run()
    return page.html(read())


def test_holds_all_it_needs_and_no_script(html: str) -> None:
    tags = outline(html).tags
    assert {tag for tag, _ in tags}.isdisjoint({"script", "link", "iframe", "object", "embed", "base", "form"})
    for tag, attributes in tags:
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("src", "href", "srcset", "action", "style"):
            value = attributes.get(name) or ""
            assert value == "" or value.startswith(("data:image/", "#")), (tag, name, value[:60])
    assert "url(" not in html
    assert "@import" not in html
    policy = next(a["content"] for t, a in tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:;")


def test_hostile_texts_are_shown_as_texts(html: str) -> None:
    assert "&lt;script&gt;alert(" in html
    assert "&lt;b&gt;broken&lt;/b&gt;.warc" in html
    assert "<b>" not in html
    assert "onerror=alert" not in re.sub(r"&lt;img.*?&gt;", "", html)


def test_every_section_is_in_the_contents_and_every_table_has_rows(html: str) -> None:
    found = read()
    sections = page.sections(found)
    assert len({section.anchor for section in sections}) == len(sections) == len(page.SECTIONS)
    for section in sections:
        assert f'<a href="#{section.anchor}">{section.title}</a>' in html
        assert section.blocks
        for block in section.blocks:
            tables = block.tables if block.kind == "tables" else [block] if block.kind == "table" else []
            for table in tables:
                assert table.rows, (section.title, table.caption)
                assert table.caption, section.title
                assert {len(row) for row in table.rows} == {len(table.head)}, table.caption
    assert "data-missing" not in html


def test_images_are_encoded_anew_and_undecodable_ones_left_out(html: str) -> None:
    images = [attributes["src"] or "" for tag, attributes in outline(html).tags if tag == "img"]
    assert sum(uri.startswith("data:image/jpeg;base64,") for uri in images) == 9  # the tenth is no image
    assert sum(uri.startswith("data:image/png;base64,") for uri in images) == 2 * 12
    assert html.count('<span class="blank">no image</span>') == 1


def test_numbers_of_stand_ins_carry_a_badge(html: str) -> None:
    assert "do not compare with the thesis" in html.replace("\n", " ")
    text = Path("metrics/foundation.json").read_text().replace("true", "false")
    Path("metrics/foundation.json").write_text(text)
    honest = page.html(read())
    assert html.count('class="badge"') > 15
    assert honest.count('class="badge"') == 0


def test_the_run_stands_beside_the_thesis(html: str) -> None:
    for number in ("2.98 %", "6.50 %", "62.7 %", "66.1 %", "0.2294", "0.0695", "−0.1090", "0.3105", "0.0339", "4.68"):
        assert number in html, number
    assert "9.50 %" in html  # 95 alts of 1000 images
    assert "6.06 %" in html  # 20 pages of 330


def test_the_span_model_is_judged_by_category_and_its_confidence_beside_chance(html: str) -> None:
    for label in ("Distribution of IoU by epoch", "Distribution of IoU by category", "Confidence and share of right"):
        assert f'aria-label="{label}' in html, label
    assert html.count("12.3 %") == 7  # says none, of those that have a description
    assert html.count("77.7 %") == 1
    assert html.count("0.0290") == 3  # on the test examples, the miniature web and gold


def test_a_missing_metric_shows_as_a_dash_that_says_its_name(small_run: Write) -> None:
    small_run()
    for name in (
        "compare.json",
        "describe.json",
        "evaluate_images.json",
        "train_span/history.tsv",
        "compare/scatter.tsv",
        "evaluate_span/calibration.tsv",
        "evaluate_span/categories.tsv",
        "evaluate_span/iou_by_category.tsv",
    ):
        (Path("metrics") / name).unlink()
    html = page.html(read())
    outline(html)
    assert 'data-missing="compare.coverage.alt"' in html
    assert 'data-missing="describe.confidence.span.median"' in html
    assert "numbers that this run did not measure" in html


def test_no_metric_at_all_is_still_a_page(small_run: Write, tmp_path: Path) -> None:
    small_run()
    empty = tmp_path / "nothing"
    empty.mkdir()
    html = page.html(read(empty))
    assert outline(html).tags
    assert "data-missing" in html


@pytest.mark.usefixtures("small_run")
def test_without_data_says_what_to_run() -> None:
    with pytest.raises(WebpairsError, match="make all"):
        read()


def test_the_stage_writes_the_same_page(html: str) -> None:
    repository = Path(__file__).parents[2]
    subprocess.run(
        [sys.executable, "-m", "stages.report"],
        env=os.environ | {"PYTHONPATH": str(repository)},
        check=True,
        timeout=60,
    )
    assert Path("report/index.html").read_text(encoding="utf-8") == html
    assert [file.name for file in Path("report").iterdir()] == ["index.html"]


def test_real_archives_are_not_called_miniature(small_run: Write) -> None:
    small_run()
    text = Path("params.yaml").read_text().replace("[sample]", '[a.warc.gz, "b c.warc"]')
    Path("params.yaml").write_text(text)
    html = page.html(read())
    assert "The miniature web is made up" not in html
    assert "make all INPUT=&#39;a.warc.gz &#34;b c.warc&#34;&#39;" in html
