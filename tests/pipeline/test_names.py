"""One name everywhere: stage = section of params.yaml = stages/<stage>.py = metrics/<stage>.json."""

import ast
import configparser
from pathlib import Path

import pytest
import yaml

from webpairs import params
from webpairs.pipeline import closure, definition, readme

REPOSITORY = Path(__file__).parent.parent.parent
STAGES = definition.load(REPOSITORY / "dvc.yaml")
DECLARED = yaml.safe_load((REPOSITORY / "dvc.yaml").read_text())["stages"]


def test_stages_params_and_files_have_the_same_names_in_the_same_order() -> None:
    sections = list(yaml.safe_load((REPOSITORY / "params.yaml").read_text()))
    assert sections == list(STAGES) == list(params.Params.model_fields)
    files = {path.stem for path in (REPOSITORY / "stages").glob("*.py")} - {"__init__"}
    assert files == set(STAGES)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_run_measured_and_cached_under_its_name(stage: str) -> None:
    assert DECLARED[stage]["cmd"] == f"python -m stages.{stage}"
    if stage != "report":
        assert STAGES[stage].metrics == (f"metrics/{stage}.json", f"metrics/speed/{stage}.json")
    for entry in DECLARED[stage].get("metrics", []):
        assert list(entry.values()) == [{"cache": False}], "metrics travel in git, so that branches can be compared"


@pytest.mark.parametrize("stage", STAGES)
def test_the_paths_in_a_stages_code_are_those_that_it_declares(stage: str) -> None:
    tree = ast.parse((REPOSITORY / "stages" / f"{stage}.py").read_text())
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    used = {text for text in texts if text.startswith(("data/", "metrics/", "report/")) or text == "report"}
    declared = [*STAGES[stage].reads, *STAGES[stage].writes]
    undeclared = [path for path in used if not any(definition.covers(whole, path) for whole in declared)]
    assert undeclared == [], "DVC would not know of these"
    unused = [path for path in declared if not any(definition.covers(path, text) for text in used)]
    if stage != "report":  # reads every metrics file there is
        assert unused == [], "declared, but the stage's code doesn't name them"


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_declares_the_params_that_it_reads(stage: str) -> None:
    tree = ast.parse((REPOSITORY / "stages" / f"{stage}.py").read_text())
    read = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "params"
    }
    assert read & set(params.Params.model_fields) == set(DECLARED[stage].get("params", []))


@pytest.mark.parametrize("stage", STAGES)
def test_declared_deps_cover_the_code_that_a_stage_imports(stage: str) -> None:
    assert closure.missing(REPOSITORY / "dvc.yaml", stage) == [], "run `make docs`"
    assert closure.superfluous(REPOSITORY / "dvc.yaml", stage) == [], "run `make docs`"


def test_only_evaluating_stages_may_read_the_truth() -> None:
    naming = {path.stem for path in (REPOSITORY / "stages").glob("*.py") if "truth" in path.read_text(encoding="utf-8")}
    assert naming <= {"archive", "evaluate_span", "compare", "evaluate_images", "report"}
    assert "evaluate_span" in naming
    # What measures makes no data that others could learn from.
    outs = [out for stage in naming - {"archive", "report"} for out in DECLARED[stage].get("outs", [])]
    assert all(str(next(iter(out)) if isinstance(out, dict) else out).startswith("metrics/") for out in outs)


def test_readme_tables_are_fresh() -> None:
    assert readme.main(["--check"]) == 0, "run `make docs`"


def test_dvc_asks_nobody_about_itself() -> None:
    config = configparser.ConfigParser()
    config.read(REPOSITORY / ".dvc" / "config")
    assert config["core"]["analytics"] == config["core"]["check_update"] == "false"


def test_ci_runs_the_readmes_test_command() -> None:
    script = (REPOSITORY / ".ci" / "run").read_text()
    assert script.strip().splitlines()[-1] == "make test"
    assert "make test" in (REPOSITORY / "README.md").read_text()
