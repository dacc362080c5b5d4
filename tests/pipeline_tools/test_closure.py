"""The import closure of a small repository made by hand, and of this one."""

from pathlib import Path

import pytest

from webpairs.errors import WebpairsError
from webpairs.pipeline import closure, definition

REPOSITORY = Path(__file__).parents[2]
FILES = {
    "stages/one.py": "from pathlib import Path\nfrom webpairs import core, errors\nfrom webpairs.room import door\n",
    "stages/two.py": "import webpairs.other.deep as deep\n",
    "src/webpairs/__init__.py": "from webpairs import hook\n",
    "src/webpairs/hook.py": "import torch\n",
    "src/webpairs/core.py": "def late():\n    from webpairs.room.inner import bolt\n",
    "src/webpairs/errors.py": "",
    "src/webpairs/room/__init__.py": "",
    "src/webpairs/room/door.py": "from . import lock\nfrom .lock import turn\nUSED = 'page.html', 'webpairs.named'\n",
    "src/webpairs/room/lock.py": "from ..errors import Oops\nWORDS = 'words/list.txt'\nx = f'{WORDS}.tsv'\n",
    "src/webpairs/room/window.py": "",
    "src/webpairs/room/page.html": "",
    "src/webpairs/room/unused.html": "",
    "src/webpairs/room/any.tsv": "",
    "src/webpairs/room/words/list.txt": "",
    "src/webpairs/room/inner/__init__.py": "",
    "src/webpairs/room/inner/bolt.py": "",
    "src/webpairs/named.py": "",
    "src/webpairs/other/__init__.py": "",
    "src/webpairs/other/deep.py": "",
}
DVC = """\
# The pipeline.
stages:
  one:
    cmd: python -m stages.one  # the first
    params: [one]
    deps:
      - data/raw  # as it came
      - stages/one.py
      - src/webpairs/other
      - data/models
    outs:
      - data/one
    metrics:
      - metrics/one.json: {cache: false}

  two:
    cmd: python -m stages.two
    deps: [stages/two.py, src/webpairs]
    outs: [data/two]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, content in {**FILES, "dvc.yaml": DVC}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    return tmp_path


def test_finds_what_is_imported_directly_indirectly_late_relatively_and_by_name(root: Path) -> None:
    assert closure.closure(root, "one") == [
        "src/webpairs/__init__.py",
        "src/webpairs/core.py",
        "src/webpairs/errors.py",
        "src/webpairs/hook.py",
        "src/webpairs/named.py",
        "src/webpairs/room/__init__.py",
        "src/webpairs/room/any.tsv",
        "src/webpairs/room/door.py",
        "src/webpairs/room/inner/__init__.py",
        "src/webpairs/room/inner/bolt.py",
        "src/webpairs/room/lock.py",
        "src/webpairs/room/page.html",
        "src/webpairs/room/words/list.txt",
        "stages/one.py",
    ]


def test_caches_of_python_are_no_data(root: Path) -> None:
    (root / "src/webpairs/named.py").write_text("name = f'{1}_{2}'\n")
    for place in ("src/webpairs/__pycache__", "src/webpairs/a_folder"):
        (root / place).mkdir()
        (root / place / "named.pyc").touch()
    assert "src/webpairs/a_folder" in closure.closure(root, "one")
    assert "src/webpairs/__pycache__" not in closure.closure(root, "one")


def test_circles_end(root: Path) -> None:
    (root / "src/webpairs/hook.py").write_text("from webpairs import core\n")
    (root / "src/webpairs/core.py").write_text("from webpairs import hook\n")
    assert "src/webpairs/core.py" in closure.closure(root, "two")


def test_names_what_is_not_declared_and_what_is_declared_for_nothing(root: Path) -> None:
    missing = closure.missing(root / "dvc.yaml", "one")
    assert "src/webpairs/room/door.py" in missing
    assert "stages/one.py" not in missing
    assert closure.superfluous(root / "dvc.yaml", "one") == ["src/webpairs/other"]
    assert closure.missing(root / "dvc.yaml", "two") == []
    assert closure.superfluous(root / "dvc.yaml", "two") == ["src/webpairs"], "it holds modules that two doesn't import"


def test_writes_code_deps_and_leaves_all_else_as_it_stands(root: Path) -> None:
    text = closure.rewritten(root / "dvc.yaml")
    (root / "dvc.yaml").write_text(text)
    assert closure.rewritten(root / "dvc.yaml") == text
    for stage in ("one", "two"):
        assert closure.missing(root / "dvc.yaml", stage) == []
        assert closure.superfluous(root / "dvc.yaml", stage) == []
    one = definition.load(root / "dvc.yaml")["one"]
    assert one.deps[0] == "stages/one.py"
    assert one.reads == ("data/raw", "data/models")
    assert "src/webpairs/room/inner" in one.deps, "a package whose modules all are imported is declared as one folder"
    assert "src/webpairs/room" not in one.deps
    for line in ("# The pipeline.", "# the first", "- data/raw # as it came", "- metrics/one.json: {cache: false}"):
        assert line in " ".join(text.split()) or line in text, line


def test_a_stage_without_a_file_or_a_name_is_told(root: Path) -> None:
    (root / "stages/two.py").unlink()
    with pytest.raises(WebpairsError, match=r"stages/two\.py is missing"):
        closure.missing(root / "dvc.yaml", "two")
    with pytest.raises(WebpairsError, match="no stage 'three'"):
        closure.missing(root / "dvc.yaml", "three")


def test_the_command_says_what_is_wrong_and_mends_it(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    assert closure.main([]) == 1
    assert "one: src/webpairs/core.py is imported but no declared dep" in capsys.readouterr().out
    assert closure.main(["--write"]) == 0
    assert closure.main([]) == 0


def test_every_stage_of_this_repository_passes_through_the_torchvision_hook() -> None:
    for stage in definition.load(REPOSITORY / "dvc.yaml"):
        if (REPOSITORY / "stages" / f"{stage}.py").exists():
            assert "src/webpairs/torchvision_ops.py" in closure.closure(REPOSITORY, stage)


def test_the_report_depends_on_its_template_and_style() -> None:
    found = closure.closure(REPOSITORY, "report")
    assert {"src/webpairs/report/page.html", "src/webpairs/report/page.css"} <= set(found)
    assert "src/webpairs/pipeline/readme.py" not in found
