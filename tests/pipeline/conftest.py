"""A copy of the repository, with the miniature web cut down, in which the whole pipeline is run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

LIMIT = 900  # seconds of one command: the whole pipeline takes 180 of two cores to itself, and tests run side by side
REPOSITORY = Path(__file__).parent.parent.parent
PARTS = [
    ".dvc/config",
    ".dvc/plots",
    ".dvcignore",
    ".gitignore",
    "Makefile",
    "constraints.txt",
    "pyproject.toml",
    "dvc.yaml",
]
PARTS += ["params.yaml", "profiles", "src", "stages", "README.md"]
CUT_DOWN = {
    "archive": {"sample": {"seed": 1, "sites": 7, "pages": 50, "images": 160}},
    "train_span": {"max_examples": 40, "epochs": 2, "max_tokens": 128},
    "describe": {"min_confidence": 0.0},
    "select": {"min_clip": 0.05},
    "finetune": {"max_steps": 6},
    "generate": {"groups": 2, "steps": 2},
    "evaluate_images": {"resamples": 50},
    "evaluate_span": {"resamples": 50},
    "compare": {"resamples": 50},
    "report": {"sample_pairs": 4, "sample_prompts": 2},
}


class Copy:
    """A checkout of webpairs of its own, and the commands that a user runs in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "GIT_"))}
        self.environment = environment | {
            "PYTHONPATH": str(root / "src"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}",
        }

    def run(self, *command: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs a command in the copy; output and errors come together, as a user sees them."""
        result = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        assert not check or result.returncode == 0, f"{' '.join(command)}\n{result.stdout[-6000:]}"
        return result

    def make_all(self, **options: Any) -> subprocess.CompletedProcess[str]:
        """`make all` with the virtual environment that runs this test."""
        return self.run("make", "all", f"VENV={Path(sys.prefix)}", **options)

    def set_params(self, changes: dict[str, dict[str, Any]]) -> None:
        """Edits params.yaml as a user would, leaving all else as it stands."""
        yaml = YAML()
        path = self.root / "params.yaml"
        values = yaml.load(path)
        for section, items in changes.items():
            values[section].update(items)
        yaml.dump(values, path)

    def commit(self, message: str) -> None:
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--message", message)


def copy_of_repository(root: Path) -> Copy:
    """Makes a git repository at `root` of what the pipeline consists of, params cut down."""
    for part in PARTS:
        (root / part).parent.mkdir(parents=True, exist_ok=True)
        source = REPOSITORY / part
        if source.is_dir():
            shutil.copytree(source, root / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy2(source, root / part)
    copy = Copy(root)
    copy.set_params(CUT_DOWN)
    copy.run("git", "init", "--quiet", "--initial-branch", "main")
    copy.run("git", "config", "user.name", "Test")
    copy.run("git", "config", "user.email", "test@webpairs.example")
    copy.commit("A copy, cut down")
    return copy


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The copy in which the end-to-end tests run, one after another."""
    return copy_of_repository(tmp_path_factory.mktemp("copy") / "webpairs")
