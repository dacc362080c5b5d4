"""The project is built once, and each test has a copy of it."""

import shutil
from pathlib import Path

import pytest

from tests.explain.project import ROOT, build
from webpairs.params import Params, load


@pytest.fixture(scope="session")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explained")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("WEBPAIRS_WORKERS", "1")
        build(folder)
    return folder


@pytest.fixture(autouse=True)
def project(_built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the project, which is the current one."""
    folder = tmp_path / "project"
    shutil.copytree(_built, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def params() -> Params:
    return load(ROOT / "params.yaml")
