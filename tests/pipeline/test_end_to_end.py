"""The whole pipeline on a cut-down miniature web: killed, continued, left alone, changed, shared, and made twice.

The tests of this module follow each other in one copy of the repository, as the days of a user do.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from tests.pipeline.conftest import LIMIT, Copy, copy_of_repository

pytestmark = pytest.mark.timeout(LIMIT + 60)

STAGES = list(yaml.safe_load((Path(__file__).parent.parent.parent / "dvc.yaml").read_text())["stages"])


def stages_run(output: str) -> list[str]:
    return re.findall(r"Running stage '(\w+)'", output)


def outs(root: Path) -> dict[str, str]:
    """Path and digest of everything in dvc.lock that is about the data, so neither seconds nor the report on them."""
    lock: dict[str, Any] = yaml.safe_load((root / "dvc.lock").read_text())
    found = {out["path"]: out["md5"] for stage in lock["stages"].values() for out in stage.get("outs", [])}
    return {path: md5 for path, md5 in found.items() if not path.startswith("metrics/speed/") and path != "report"}


def test_a_run_that_is_killed_continues(copy: Copy) -> None:
    log = copy.root.parent / "killed.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            ["dvc", "repro"], cwd=copy.root, env=copy.environment, stdout=file, stderr=file, start_new_session=True
        )
        deadline = time.monotonic() + LIMIT
        while "train_span" not in log.read_text() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.2)
        assert process.poll() is None, log.read_text()
        time.sleep(2)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert not (copy.root / "data/models/span").exists()
    output = copy.make_all().stdout
    assert "extract" not in stages_run(output), "what was finished before the kill is not done again"
    assert stages_run(output)[0] == "train_span"
    assert stages_run(output)[-1] == "report"


def test_every_stage_wrote_what_it_measured(copy: Copy) -> None:
    for stage in STAGES:
        if stage == "report":
            continue
        assert json.loads((copy.root / f"metrics/{stage}.json").read_text())
        assert json.loads((copy.root / f"metrics/speed/{stage}.json").read_text())["seconds"] > 0


def test_every_plot_is_drawn_with_its_data(copy: Copy) -> None:
    out = copy.root.parent / "plots"
    shown = copy.run("dvc", "plots", "show", "--out", str(out))
    assert "WARNING" not in shown.stdout and "DVC_METRIC" not in (page := (out / "index.html").read_text())
    for plot in yaml.safe_load((copy.root / "dvc.yaml").read_text())["plots"]:
        ((_, about),) = plot.items()
        assert about["title"] in page


def test_nothing_is_lost_between_the_stages(copy: Copy) -> None:
    metrics = {stage: json.loads((copy.root / f"metrics/{stage}.json").read_text()) for stage in STAGES[:-1]}
    candidates = pl.read_parquet(copy.root / "data/candidates/*.parquet")
    descriptions = pl.read_parquet(copy.root / "data/descriptions/*.parquet")
    verdicts = pl.read_parquet(copy.root / "data/images/verdicts.parquet")
    scores = pl.read_parquet(copy.root / "data/scores/scores.parquet")
    pairs = pl.read_parquet(copy.root / "data/pairs/pairs.parquet")
    assert metrics["extract"]["candidates"] == candidates.height > 50
    assert set(descriptions["candidate_id"]) == set(candidates["candidate_id"])
    assert set(verdicts["image_url"]) == set(descriptions["image_url"])
    kept = verdicts.filter(pl.col("verdict") == "kept")["image_url"]
    assert set(scores["image_url"]) == set(kept)
    assert 0 < pairs.height <= scores.height
    assert set(pairs["candidate_id"]) <= set(scores["candidate_id"])
    assert pairs["score"].min() >= 0.05  # type: ignore[operator]


def test_every_number_of_a_stand_in_says_so(copy: Copy) -> None:
    for stage, model in [("score", "clip"), ("compare", "clip"), ("evaluate_images", "clip"), ("finetune", "sdxl")]:
        models = json.loads((copy.root / f"metrics/{stage}.json").read_text())["models"]
        assert models[model]["stand_in"] is True, stage
    page = (copy.root / "report/index.html").read_text()
    assert "stand-in" in page.lower()


def test_the_report_is_one_page_that_needs_no_network(copy: Copy) -> None:
    page = (copy.root / "report/index.html").read_text()
    assert not re.search(r"<(script|link|iframe|object|embed)\b", page, re.IGNORECASE)
    assert not re.search(r"""(src|href)\s*=\s*["']?\s*(https?:)?//""", page, re.IGNORECASE)
    assert not re.search(r"url\(\s*['\"]?(https?:)?//", page, re.IGNORECASE)
    assert page.count("data:image/") > 5


def test_a_second_make_all_does_nothing_and_says_so(copy: Copy) -> None:
    output = copy.make_all().stdout
    assert "Data and pipelines are up to date." in output
    assert stages_run(output) == []


def test_a_changed_param_reruns_its_stage_and_what_follows_only(copy: Copy) -> None:
    copy.commit("The first run")
    copy.set_params({"select": {"min_clip": 0.06}})
    output = copy.make_all().stdout
    assert stages_run(output)[0] == "select"
    assert set(stages_run(output)) <= {"select", "finetune", "generate", "evaluate_images", "report"}


def test_two_revisions_are_compared_on_one_page(copy: Copy) -> None:
    for command in (["dvc", "params", "diff"], ["dvc", "metrics", "diff"]):
        assert "select" in copy.run(*command, "main").stdout
    copy.run("make", "compare", "BASE=main", f"VENV={sys.prefix}")
    page = (copy.root / "compare.md").read_text()
    assert "select.min_clip" in page
    assert "0.05" in page
    assert "0.06" in page
    assert len(page.encode()) < 60_000


def test_a_pull_leaves_nothing_to_compute(copy: Copy, tmp_path: Path) -> None:
    copy.commit("The second run")
    copy.run("dvc", "remote", "add", "--default", "shelf", str(tmp_path / "shelf"))
    copy.run("dvc", "push")
    copy.commit("A remote")
    copy.run("git", "clone", "--quiet", str(copy.root), str(tmp_path / "clone"))
    clone = Copy(tmp_path / "clone")
    clone.run("dvc", "pull")
    output = clone.run("dvc", "repro").stdout
    assert "Data and pipelines are up to date." in output
    assert outs(clone.root) == outs(copy.root)


def test_two_runs_give_the_same_bytes_whatever_the_workers(copy: Copy, tmp_path: Path) -> None:
    other = copy_of_repository(tmp_path / "webpairs")
    other.set_params({"select": {"min_clip": 0.06}})
    other.run("dvc", "repro", WEBPAIRS_WORKERS="1")
    assert outs(other.root) == outs(copy.root)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"select": {"min_clip": 2.0, "bogus": 1}}, ["select.bogus", "select.min_clip"]),
        ({"archive": {"inputs": ["nowhere/*.warc.gz", "missing.warc"]}}, ["nowhere/*.warc.gz", "missing.warc"]),
        ({"select": {"min_clip": 0.999}}, ["select.min_clip", "0.999"]),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_left_behind(
    copy: Copy, changes: dict[str, dict[str, Any]], told: list[str]
) -> None:
    before = (copy.root / "params.yaml").read_text()
    try:
        copy.set_params(changes)
        result = copy.run("dvc", "repro", check=False)
    finally:
        (copy.root / "params.yaml").write_text(before)
    assert result.returncode != 0
    for words in told:
        assert words in result.stdout
    assert "Traceback" not in result.stdout
    assert list((copy.root / "data").rglob("*partial*")) == []


def test_a_profile_is_run_as_an_experiment_beside_what_was_committed(copy: Copy) -> None:
    copy.commit("What came before")
    (copy.root / "profiles" / "strict").write_text("# Fewer pairs.\nselect.min_clip=0.07  # of the score\n\n")
    output = copy.run("make", "exp", "PROFILE=strict", f"VENV={sys.prefix}").stdout
    assert stages_run(output)[0] == "select"
    assert set(stages_run(output)) <= {"select", "finetune", "generate", "evaluate_images", "report"}
    changed = json.loads(copy.run("dvc", "params", "diff", "--json").stdout)["params.yaml"]
    assert {name: (values["old"], values["new"]) for name, values in changed.items()} == {
        "select.min_clip": (0.06, 0.07)
    }
    assert "select.json" in copy.run("dvc", "metrics", "diff").stdout
    assert "strict" in copy.run("make", "exp", "PROFILE=unknown", f"VENV={sys.prefix}", check=False).stdout
