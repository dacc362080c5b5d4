"""`make all INPUT=…` changes archive.inputs and nothing else."""

import shutil
from pathlib import Path

import pytest

from webpairs import params
from webpairs.errors import WebpairsError
from webpairs.pipeline import inputs

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return Path(shutil.copy(REPOSITORY / "params.yaml", tmp_path))


def test_splits_at_spaces_outside_quotes() -> None:
    text = "a.warc.gz 'my crawl/*.warc' \"b c\" https://example.org/d.warc.gz?x=1 s3://e/* commoncrawl:CC-1 sample"
    assert inputs.parse(text) == [
        "a.warc.gz",
        "my crawl/*.warc",
        "b c",
        "https://example.org/d.warc.gz?x=1",
        "s3://e/*",
        "commoncrawl:CC-1",
        "sample",
    ]


@pytest.mark.parametrize(("text", "told"), [("", "names nothing"), ("  ", "names nothing"), ("'a b", "never closed")])
def test_says_what_is_wrong(text: str, told: str) -> None:
    with pytest.raises(WebpairsError, match=told):
        inputs.parse(text)


def test_changes_one_line_and_keeps_its_comment(path: Path) -> None:
    before = path.read_text().splitlines()
    assert inputs.set_inputs(path, ["a b.warc.gz", "https://example.org/*"])
    after = path.read_text().splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == 1
    assert changed[0][1].startswith("  inputs: [a b.warc.gz, https://example.org/*]")
    assert changed[0][1].endswith(changed[0][0].partition("#")[2])
    assert params.load(path).archive.inputs == ["a b.warc.gz", "https://example.org/*"]


def test_goes_back_to_the_same_bytes(path: Path) -> None:
    before = path.read_bytes()
    given = params.load(path).archive.inputs
    inputs.set_inputs(path, ["x.warc", "y.warc"])
    inputs.set_inputs(path, given)
    assert path.read_text().replace(" ", "") == before.decode().replace(" ", "")


def test_leaves_the_file_alone_when_nothing_changes(path: Path) -> None:
    status = path.stat()
    assert not inputs.set_inputs(path, params.load(path).archive.inputs)
    assert path.stat().st_mtime_ns == status.st_mtime_ns
    assert path.stat().st_ino == status.st_ino


@pytest.mark.parametrize(
    "entry", ["a: b, c", "- x", "#1.warc", "0x10", "true", "*alias", "ü ö.warc", "it's", "commoncrawl:CC-NEWS/2024/01"]
)
def test_any_name_comes_back_as_it_was(path: Path, entry: str) -> None:
    inputs.set_inputs(path, [entry])
    assert params.load(path).archive.inputs == [entry]


def test_says_when_there_is_nothing_to_set(tmp_path: Path) -> None:
    with pytest.raises(WebpairsError, match="is missing"):
        inputs.set_inputs(tmp_path / "params.yaml", ["a"])
    for text in ("", "archive: 3\n", "score: {}\n", "a: [\n"):
        (tmp_path / "params.yaml").write_text(text)
        with pytest.raises(WebpairsError, match=r"no archive\.inputs"):
            inputs.set_inputs(tmp_path / "params.yaml", ["a"])


def test_the_command(path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(path.parent)
    assert inputs.main(["a.warc 'b c.warc'"]) == 0
    assert "['a.warc', 'b c.warc']" in capsys.readouterr().out
    assert inputs.main(["a.warc 'b c.warc'"]) == 0
    assert capsys.readouterr().out == ""
