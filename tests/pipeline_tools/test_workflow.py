"""The workflow for users' CI: runs only make targets that there are, with no more rights than it needs."""

import re
import shlex
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).parents[2]
TEXT = (REPOSITORY / ".github/workflows/compare.yml").read_text(encoding="utf-8")
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
STEPS: list[dict[str, Any]] = WORKFLOW["jobs"]["compare"]["steps"]


def make_targets() -> set[str]:
    lines = (REPOSITORY / "Makefile").read_text(encoding="utf-8").splitlines()
    targets = [line.partition(":")[0] for line in lines if re.match(r"[\w$(.][^=#\t]*:(?!=)", line)]
    return {target.replace("$(VENV)", ".venv") for line in targets for target in line.split()}


def commands() -> list[list[str]]:
    return [shlex.split(line) for step in STEPS for line in step.get("run", "").splitlines()]


def test_runs_on_pull_requests_that_change_params_or_code() -> None:
    trigger = WORKFLOW[True]  # YAML 1.1 reads the key `on` as true
    assert list(trigger) == ["pull_request"], "pull_request_target would run a fork's code with our secrets"
    assert {"params.yaml", "dvc.yaml", "src/**", "stages/**"} <= set(trigger["pull_request"]["paths"])
    for path in trigger["pull_request"]["paths"]:
        name = path.removesuffix("/**")
        assert (REPOSITORY / name).exists() or name in ("dvc.lock", "constraints.txt"), path


def test_has_no_more_rights_than_to_comment() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert "permissions" not in WORKFLOW["jobs"]["compare"]


def test_every_make_target_exists() -> None:
    used = {command[1] for command in commands() if command[:1] == ["make"]}
    assert used == {"all", "compare", ".venv/.ready"}
    assert used <= make_targets()


def test_actions_are_pinned_to_a_major_version_and_githubs_own() -> None:
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", action) for action in used), used
    assert {action.partition("@")[0] for action in used} == {
        "actions/checkout",
        "actions/setup-python",
        "actions/cache",
        "actions/upload-artifact",
    }


def test_nothing_that_a_pull_request_can_choose_gets_into_a_shell_line() -> None:
    for step in STEPS:
        assert "${{" not in step.get("run", ""), step
        assert set(step) <= {"name", "id", "uses", "with", "if", "env", "run"}, step


def test_pulls_before_it_runs_and_skips_that_without_a_remote() -> None:
    names = [step.get("name", "") for step in STEPS]
    pull, run = names.index("Pull what is finished already"), names.index("Run what changed")
    assert pull < run
    assert STEPS[pull]["if"] == "vars.DVC_REMOTE_URL != ''"
    assert ".venv/bin/dvc pull --run-cache --allow-missing" in STEPS[pull]["run"]
    secret = [step for step in STEPS if "secrets." in str(step)]
    assert secret == [STEPS[pull]], "no other step sees the credentials"


def test_comments_the_page_that_make_compare_writes() -> None:
    assert [
        "gh",
        "pr",
        "comment",
        "$NUMBER",
        "--body-file",
        "compare.md",
        "--edit-last",
        "--create-if-none",
    ] in commands()
    assert "compare.md" in (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    assert STEPS[0]["with"]["fetch-depth"] == 0


def test_the_python_version_is_one_that_webpairs_supports() -> None:
    python = next(step for step in STEPS if step.get("id") == "python")
    assert python["with"]["python-version"] == "3.11"
