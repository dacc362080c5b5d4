"""The command: what it prints, and how it ends."""

import io
import json
import os
import pkgutil
import shutil
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.explain.project import ROOT, all_stages, candidate, change
from tests.span.conftest import tiny_settings, write_bert
from webpairs import cli
from webpairs.explain.plain import columns
from webpairs.span.model import new_model

Run = Callable[..., str]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """What the command prints; there must be no error."""

    def printed(*arguments: str) -> str:
        cli.main(["explain", *arguments])
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return printed


def section(text: str, heading: str) -> str:
    """What stands below a heading, up to the next one."""
    return text.partition(f"{heading}\n")[2].partition("\n\n")[0]


def test_the_command_is_installed() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert pkgutil.resolve_name(scripts["webpairs"]) is cli.main


def test_all_that_is_known_of_a_candidate(run: Run) -> None:
    all_stages()
    boat = candidate("/boat.jpg")
    text = run(boat["candidate_id"])
    assert text.startswith(
        f"Candidate {boat['candidate_id']}: img\n\nWhere it comes from\n  archive           a.warc.gz ("
    )
    page = pl.read_parquet("data/pages/*.parquet").filter(pl.col("page_id") == boat["page_id"]).row(0, named=True)
    provenance = section(text, "Where it comes from")
    for expected in (
        f"offset 0; {page['record_length']} bytes in the archive",
        f"sha256 {page['record_digest']}",
        "The body is the same, and the same candidate is found in it.",
        boat["page_id"],
        "http://a.example/harbour",
        "2024-01-01T00:00:00Z",
        "utf-8, by header",
        "title             The harbour",
        "opt-outs          meta robots: noai",
        "licences          https://licences.example/by",
    ):
        assert expected in provenance
    element = section(text, "Element")
    assert element.startswith(
        "  DOM path          html>body>figure:nth-child(5)>picture:nth-child(1)>img:nth-child(2)\n"
    )
    assert 'HTML              <picture><source srcset="big.webp 1600w"><img src="boat.jpg"' in element
    assert "declared size     640×480\n" in element
    assert element.endswith("on the page       2 times; this is the first")
    assert section(text, "URLs, the preferred first").splitlines() == [
        "  src               http://a.example/boat.jpg",
        "  source srcset 1600w",
        "                    http://a.example/big.webp",
    ]
    place = section(text, "a new block)")
    assert f"after {boat['offset']} of {len(page['text']):,} characters, not in boilerplate; its" in place
    assert "\n  …" in place
    assert place.endswith("…")
    assert "is seen below. ▣ ¶ The red boat ¶ A red boat in the" in " ".join(place.split())
    texts = section(text, "Texts that may describe it")
    start = page["text"].index(boat["alt"], boat["offset"])
    assert f"alt               A red boat in the harbour\n{'':20}({start}–{start + 25})" in texts
    assert "figcaption        The red boat\n" in texts
    verdicts = text.partition("Verdicts of the later stages\n")[2]
    assert [line.split()[0] for line in verdicts.splitlines() if line[2] != " "] == [
        "label",
        "describe",
        "fetch",
        "score",
        "select",
    ]
    assert "example in test: alt, just_after" in verdicts


def test_stages_that_have_not_run(run: Run) -> None:
    text = run(candidate("/boat.jpg")["candidate_id"])
    assert text.partition("later stages\n")[2].split() == [
        word for stage in ("label", "describe", "fetch", "score", "select") for word in (stage, "has", "not", "run")
    ]


@pytest.mark.parametrize(
    ("ending", "heading", "expected"),
    [
        ("/logo.png", "a new block)", "after 10 of "),
        ("/logo.png", "a new block)", ", in boilerplate; its window"),
        ("/ship.jpg", "a new block)", "The page doesn't show it"),
        ("/ship.jpg", "Element", 'JSON              {"@type": "ImageObject", '),
        ("/ship.jpg", "Texts that may describe it", "json_ld_caption   A ship\n"),
        ("/ship.jpg", "Texts that may describe it", "(not in the page's text)"),
        ("/sea.jpg", "Texts that may describe it", "heading           Boats\n"),
        ("/quay.jpg", "Texts that may describe it", "alt               it is empty"),
        ("/odd.jpg", "Element", "declared size     none\n  on the page       once"),
    ],
)
def test_other_kinds_of_candidates(run: Run, ending: str, heading: str, expected: str) -> None:
    assert expected in section(run(candidate(ending)["candidate_id"]), heading)


def test_texts_in_boilerplate_are_marked(run: Run) -> None:
    logo = candidate("/logo.png")
    spans = [{"source": "link", "text": "Home", "start": 0, "end": 4}]
    change("data/candidates", pl.col("candidate_id") == logo["candidate_id"], texts=spans)
    assert "Home\n" + " " * 20 + "(0–4, in boilerplate)" in run(logo["candidate_id"])


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda archive: archive.unlink(), "can't be opened: No such file or directory. Put it back"),
        (lambda archive: archive.write_bytes(b"x"), "The archive has changed: a.warc.gz has no readable record"),
    ],
)
def test_an_archive_that_is_no_more_what_it_was_is_told(
    run: Run, spoil: Callable[[Path], object], expected: str
) -> None:
    spoil(Path("inputs/a.warc.gz"))
    text = run(candidate("/boat.jpg")["candidate_id"])
    assert expected in " ".join(text.split())
    assert "HTML" not in text
    assert "figcaption        The red boat" in text


def test_a_candidate_that_is_extracted_otherwise_now_is_told(run: Run) -> None:
    boat = candidate("/boat.jpg")
    change("data/candidates", pl.col("candidate_id") == boat["candidate_id"], alt="Other")
    assert "extraction would now differ in: alt. Run" in run(boat["candidate_id"])
    change("data/candidates", pl.col("candidate_id") == boat["candidate_id"], dom_path="html>body>p:nth-child(99)")
    assert "extraction would not find this candidate now" in run(boat["candidate_id"])


def test_nothing_in_a_page_acts_on_the_terminal(run: Run) -> None:
    hostile = candidate("b%1B[1m.jpg")
    for given in (hostile["candidate_id"], hostile["page_id"], "http://a.example/shared.jpg"):
        text = run(given)
        assert all(character.isprintable() or character == "\n" for character in text)
        assert r"\x1b" in text
        as_json = run(given, "--json")
        assert all(" " <= character < "\x7f" or character == "\n" for character in as_json)
    assert r'class="x\x1b[2J\x7f\x9b31m\u2066\u200f"' in run(hostile["candidate_id"])
    assert r"http://a.example/hostile?\x1b[31m\u202e" in run(hostile["candidate_id"])


def test_lines_have_at_most_100_columns(run: Run) -> None:
    all_stages()
    change("data/pages", pl.lit(True), title="写真の説明 " * 60, licences=["http://a.example/" + "long" * 900])
    urls = [{"url": "data:image/png;base64," + "A" * 100_000, "source": "src", "width": 7}]
    boat = candidate("/boat.jpg")
    change("data/candidates", pl.col("candidate_id") == boat["candidate_id"], urls=urls)
    for given in (boat["candidate_id"], boat["page_id"], "http://a.example/shared.jpg"):
        lines = run(given).splitlines()
        assert max(map(columns, lines)) <= 100
        assert len(lines) < 120
    assert "A… (100,022 characters)" in run(boat["candidate_id"]).replace("\n" + " " * 20, "")


def test_a_page_is_a_table(run: Run) -> None:
    boat = candidate("/boat.jpg")
    lines = run(boat["page_id"]).splitlines()
    assert lines[:3] == [
        f"Page {boat['page_id']}: 8 candidates",
        "  http://a.example/harbour",
        "  candidate_id              element        alt                        image",
    ]
    assert f"  {boat['candidate_id']}  img            A red boat in the harbour  http://a.example/boat.jpg" in lines
    assert len(lines) == 11


def test_a_page_of_many_is_cut_but_in_json(run: Run) -> None:
    file = next(Path("data/candidates").glob("*.parquet"))
    frame = pl.read_parquet(file).filter(pl.col("image_url").str.ends_with("/boat.jpg"))
    many = pl.concat([frame] * 50).with_columns(candidate_id=pl.Series([f"{n:024x}" for n in range(50)]))
    many.write_parquet(file)
    page = frame["page_id"][0]
    lines = run(page).splitlines()
    assert len(lines) == 2 + 1 + 40 + 1
    assert lines[-1] == "  … and 10 more, which --json lists"
    assert len(json.loads(run(page, "--json"))["candidates"]) == 50


def test_an_image_of_several_pages_is_a_table_of_these(run: Run) -> None:
    lines = run("http://a.example/shared.jpg").splitlines()
    assert lines[0] == "2 candidates with http://a.example/shared.jpg"
    assert [line.split()[-1] for line in lines[1:]] == [
        "page",
        "http://a.example/harbour",
        r"http://a.example/hostile?\x1b…",
    ]


def test_json_holds_the_same_uncut(run: Run) -> None:
    all_stages()
    boat = candidate("/boat.jpg")
    found: dict[str, Any] = json.loads(run(boat["candidate_id"], "--json"))
    texts = boat.pop("texts")
    assert found["candidate"] == boat
    assert found["page"]["page_url"] == "http://a.example/harbour"
    assert found["page"].keys().isdisjoint({"text", "boilerplate"})
    assert found["archive"]["state"] == "same"
    assert found["archive"]["element"].startswith("<picture>")
    assert (len(found["before"]), len(found["after"])) == (300, 300)
    assert found["before"].endswith("is seen below.")
    assert found["after"].startswith("\nThe red boat\n")
    assert [{name: one[name] for name in texts[0]} for one in found["texts"]] == texts
    assert {one["in_boilerplate"] for one in found["texts"]} == {False}
    assert [one["stage"] for one in found["verdicts"]] == ["label", "describe", "fetch", "score", "select"]
    assert found["verdicts"][4]["rows"][0]["split"] == "holdout"


@pytest.mark.parametrize(("given", "cause"), [("123456", "No candidate or page"), ("x", "neither an ID nor a URL")])
def test_errors_name_the_next_step(given: str, cause: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["explain", given])
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (1, "")
    assert err.startswith("webpairs explain: ")
    assert cause in err


def test_stages_that_must_have_run_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    boat = candidate("/boat.jpg")
    for folder in ("data/archive", "data/pages", "data/candidates"):
        shutil.rmtree(folder)
        with pytest.raises(SystemExit) as ended:
            cli.main(["explain", boat["candidate_id"]])
        assert ended.value.code == 1
        assert f"{folder}" in capsys.readouterr().err


def test_a_wrong_call_is_no_defect(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([])
    assert ended.value.code == 2
    assert "usage: webpairs" in capsys.readouterr().err


def test_headings_are_bold_on_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in run(candidate("/boat.jpg")["candidate_id"])
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "\x1b[1mElement\x1b[0m\n" in run(candidate("/boat.jpg")["candidate_id"])


def test_signs_that_the_output_can_not_show_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    cli.main(["explain", candidate("/boat.jpg")["candidate_id"]])
    assert b"is seen below. ? ? The red boat" in b" ".join(raw.getvalue().split())


def test_the_models_best_spans_on_demand(run: Run, tmp_path: Path) -> None:
    new_model(write_bert(tmp_path / "bert"), tiny_settings(), 0.0).save(Path("data/models/span"))
    boat = candidate("/boat.jpg")
    heading = "The model's best spans, and how sure it is that each is right"
    assert heading not in run(boat["candidate_id"])
    shown = section(run(boat["candidate_id"], "--spans", "3"), heading)
    assert shown.count("%  ") == 3
    spans = json.loads(run(boat["candidate_id"], "--spans", "3", "--json"))["spans"]
    page = pl.read_parquet("data/pages/*.parquet").filter(pl.col("page_id") == boat["page_id"])["text"][0]
    assert [page[one["start"] : one["end"]] for one in spans] == [one["text"] for one in spans]
    assert all(boat["window_start"] <= one["start"] < one["end"] <= boat["window_end"] for one in spans)
    named = candidate("/ship.jpg")  # for machines only
    assert "There is no text around it." in run(named["candidate_id"], "--spans", "3")


def test_spans_without_a_model_name_the_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree("data/models", ignore_errors=True)
    with pytest.raises(SystemExit):
        cli.main(["explain", candidate("/boat.jpg")["candidate_id"], "--spans", "2"])
    assert "run `make all`" in capsys.readouterr().err


def test_who_reads_along_may_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        cli.main(["explain", candidate("/boat.jpg")["candidate_id"]])
