"""Which pages the contenders read, and which archives."""

import gzip
import json
from pathlib import Path

import pytest

from bench import archives
from bench.pages import decoded, pages
from tests.bench.conftest import FIELD, HARBOUR


def test_pages_are_decoded_responses_of_success_and_html(archive: Path) -> None:
    found = [(page.url, page.body) for page in pages(archive)]
    assert found == [("http://a.example/1", HARBOUR), ("http://b.example/2", FIELD)]


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip", "identity"])
def test_a_body_that_is_not_what_its_header_says_stays_as_it_is(coding: str) -> None:
    assert decoded(b"<html>", coding) == b"<html>"


def test_a_body_cut_short_gives_what_is_there() -> None:
    assert FIELD.startswith(decoded(gzip.compress(FIELD)[:-20], "gzip"))
    assert decoded(gzip.compress(FIELD)[:-8], "gzip") == FIELD


def test_archives_are_named_by_globs_and_counted(archive: Path) -> None:
    found = archives.choose(archive.parent, f"{archive.parent}/*.gz {archive.parent}/none*")
    assert found["pages"] == {str(archive): 2}
    assert found["bytes"] == archive.stat().st_size
    assert found["left_out"] == []
    assert json.loads(json.dumps(found)) == found


def test_archives_that_a_reader_stops_in_are_left_out_and_named(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = archive.with_name("bad.warc.gz")
    bad.write_bytes(archive.read_bytes() + gzip.compress(b"nothing\r\n\r\n"))
    found = archives.choose(archive.parent, f"{archive.parent}/*.gz")
    assert list(found["pages"]) == [str(archive)]
    assert found["left_out"] == ["bad.warc.gz"]
    assert "bad.warc.gz is left out" in capsys.readouterr().err


def test_archives_without_a_page_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"none\*: no sound archive with an HTML page"):
        archives.choose(tmp_path, f"{tmp_path}/none*")


def test_without_archives_the_miniature_web_stands_in(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / "miniature" / "from-before.warc.gz"
    left.parent.mkdir()
    left.write_bytes(b"")
    monkeypatch.setattr(archives, "_REAL", f"{tmp_path}/none*")
    monkeypatch.setattr(archives.miniature, "write", lambda folder, _: ([archive], list(folder.iterdir())))
    found = archives.choose(tmp_path, "")
    assert found["name"] == archives.MINIATURE
    assert list(found["pages"]) == [str(archive)]
    assert not left.exists()
