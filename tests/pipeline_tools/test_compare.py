"""Two runs on one page, in a small DVC repository of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from webpairs.errors import WebpairsError
from webpairs.pipeline import compare, curves

DVC = """\
stages:
  fetch:
    cmd: "true"
    params: [fetch]
    metrics: [metrics/fetch.json: {cache: false}, metrics/speed/fetch.json: {cache: false}]
  train:
    cmd: "true"
    params: [train]
    metrics: [metrics/train.json: {cache: false}]
"""
LOSSES = "epoch\tloss\tiou\n1\t3.0\t0.1\n2\t2.0\t0.2\n"


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def write(path: str, content: Any) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(content if isinstance(content, str) else json.dumps(content))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    run("git", "init", "--quiet", "--initial-branch", "main")
    write(".dvc/config", "")
    write("dvc.yaml", DVC)
    write("params.yaml", "fetch: {min_side: 224}\ntrain: {seed: 1}\n")
    write("metrics/fetch.json", {"kept": 10, "share": 0.5, "verdicts": {"a|b": 1}, "weights": "a" * 64})
    write("metrics/speed/fetch.json", {"seconds": 3.5})
    write("metrics/train.json", {f"n{i:02}": i for i in range(69, -1, -1)})
    write("metrics/train/history.tsv", LOSSES)
    run("git", "add", "--all")
    run("git", "-c", "user.name=T", "-c", "user.email=t@t.example", "commit", "--quiet", "--message", "base")
    return tmp_path


def change() -> None:
    write("params.yaml", "fetch: {min_side: 128}\ntrain: {seed: 1}\n")
    write(
        "metrics/fetch.json",
        {"kept": 15, "share": 0.25, "verdicts": {"<b>": 2}, "weights": "b" * 64, "model": "@someone `x`"},
    )
    write("metrics/speed/fetch.json", {"seconds": 4.5})
    write("metrics/train.json", {f"n{i:02}": i + 1 for i in range(69, -1, -1)})
    write("metrics/train/history.tsv", LOSSES.replace("2.0", "1.0"))
    write("metrics/train/new.tsv", "x\ty\n3\t1\n1\t2\n")


@pytest.mark.usefixtures("repository")
def test_the_command_writes_what_changed() -> None:
    change()
    assert compare.main(["main", "out/page.md"]) == 0
    page = Path("out/page.md").read_text()
    assert page.startswith("# What changed in this run\n")
    assert "| `fetch.min_side` | 224 | 128 |" in page
    assert "train.seed" not in page
    assert "| `kept` | 10 | 15 | +5 (+50.0%) |" in page
    assert "| `share` | 0.5 | 0.25 | -0.25 (-50.0%) |" in page
    assert "| `verdicts.a/b` | 1 | – | gone |" in page
    assert "| `model` | – | &#64;someone `x` | new |" in page
    names = [line.split("`")[1] for line in page.partition("### train")[2].splitlines() if line.startswith("| `n")]
    assert names == [f"n{i:02}" for i in range(69, 9, -1)], "in the file's order"
    assert "… and 10 more: `dvc metrics diff" in page
    assert page.index("`kept`") < page.index("`share`") < page.index("`model`") < page.index("`verdicts.")
    assert "| `weights` | aaaaaaaaaaaa | bbbbbbbbbbbb |  |" in page
    assert "| `loss` | █▅ | 2 | █▁ | 1 |" in page
    assert "`iou`" not in page
    assert "`metrics/train/new.tsv`: 0 → 2 rows" in page
    assert page.index("### fetch") < page.index("### train") < page.index("<details>")
    assert "| fetch | 3.5 | 4.5 |" in page


def test_says_so_when_nothing_changed() -> None:
    page = compare.page(compare.Comparison("main", "0" * 40, {}, {}, {}, ("fetch",)))
    for words in ("No param changed.", "No metric changed.", "No plot data changed."):
        assert words in page


@pytest.mark.usefixtures("repository")
def test_a_revision_that_is_none_is_told() -> None:
    for base in ("nowhere", "--all", "", "main:dvc.yaml"):
        with pytest.raises(WebpairsError, match="git knows no revision"):
            compare.collect(base)


def test_without_git_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(WebpairsError, match="no git repository"):
        compare.collect("main")


@pytest.mark.usefixtures("repository")
def test_an_error_of_dvc_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(Path("no-python").absolute()))
    write("no-python", "#!/bin/sh\necho it broke >&2\nexit 3\n")
    Path("no-python").chmod(0o755)
    with pytest.raises(WebpairsError, match="dvc params diff failed: it broke"):
        compare.collect("main")


def test_a_large_comparison_still_fits_a_comment() -> None:
    changes = {f"a_rather_long_metric_name_{i}": {"old": i, "new": i + 0.123456} for i in range(500)}
    stages = tuple(f"stage_{i}" for i in range(40))
    rows = "".join(f"group {i // 50}\t{i}\t{i * 0.77}\n" for i in range(500))
    found = compare.Comparison(
        base="main",
        commit="0" * 40,
        params={"params.yaml": changes},
        metrics={f"metrics/{stage}.json": changes for stage in stages},
        tables={
            f"metrics/{stage}/t.tsv": (f"g\tx\ty\n{rows}", f"g\tx\ty\n{rows}group 9\t3000\t1\n") for stage in stages
        },
        stages=stages,
    )
    page = compare.page(found)
    assert len(page.encode()) < compare.MAX_BYTES
    assert page.count("### stage_") == 40 or "too large" in page


def test_curves_go_by_group_and_rising_axis() -> None:
    old = "split\tepoch\tloss\ntrain\t1\t3\ntrain\t2\t2\ntest\t1\t4\ntest\t2\t4\n"
    changed = curves.changed(old, old.replace("train\t2\t2", "train\t2\t1"))
    assert changed == [curves.Curve("train loss", [3, 2], [3, 1])]
    cloud = "x\ty\n2\t1\n1\t5\n"
    assert curves.changed(cloud, cloud.replace("5", "6")) == []
    assert curves.changed("", "epoch\tloss\n1\t2\n") == [curves.Curve("loss", [], [2])]


def test_empty_cells_and_empty_tables_are_no_harm() -> None:
    assert curves.changed("epoch\tloss\n", "epoch\tloss\n1\t\n2\t3\n") == [curves.Curve("loss", [], [3])]
    assert curves.changed("", "") == []
    assert curves.rows("") == 0


def test_sparklines_share_a_scale_and_stay_short() -> None:
    assert curves.sparklines(curves.Curve("a", [0, 1], [0, 2])) == ("▁▅", "▁█")
    assert curves.sparklines(curves.Curve("a", [1, 1], [])) == ("▁▁", "")
    long = list(map(float, range(1000)))
    assert len(curves.sparklines(curves.Curve("a", long, long[:7]))[0]) == curves.POINTS
