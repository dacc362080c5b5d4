import gzip
import zipfile
from pathlib import Path

import pytest
import zstandard
from fastwarc.warc import ArchiveIterator

from tests.archive import builders
from webpairs.archive.sniff import Unreadable, named_like_archive, sniff

REAL = Path("../shared/warc/real")


def code(path: Path) -> str:
    found = sniff(path)
    assert isinstance(found, Unreadable)
    assert ": " in found.reason, "the reason says what to do"
    return found.code


def test_readable_formats_are_told_from_bytes_whatever_the_name(tmp_path: Path) -> None:
    name = tmp_path / "page.html"
    assert sniff(builders.warc(name)) == "warc"
    assert sniff(builders.warc_gz(name)) == "warc.gz"
    assert sniff(builders.warc_gz(name, members=False)) == "warc.gz"
    assert sniff(builders.warc_zst(name)) == "warc.zst"
    assert sniff(builders.warc_lz4(name)) == "warc.lz4"
    assert sniff(builders.arc(name)) == "arc.gz"
    name.write_bytes(builders.arc_description())
    assert sniff(name) == "arc"
    assert sniff(builders.wacz(name, a=gzip.compress(builders.record("http://a.example/")))) == "wacz"


def test_what_is_called_readable_is_read_by_fastwarc(tmp_path: Path) -> None:
    made = [
        builders.warc(tmp_path / "a"),
        builders.warc_gz(tmp_path / "b"),
        builders.warc_gz(tmp_path / "c", members=False),
        builders.warc_zst(tmp_path / "d"),
        builders.warc_lz4(tmp_path / "e"),
    ]
    counts = []
    for path in made:
        with path.open("rb") as file:
            counts.append(sum(1 for _ in ArchiveIterator(file)))
    assert counts == [1, 2, 2, 1, 1]


def test_each_unreadable_kind_has_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    assert code(builders.wacz(path)) == "wacz_empty"
    deflated = builders.wacz(path, zipfile.ZIP_DEFLATED, a=gzip.compress(builders.record("http://a.example/")))
    assert code(deflated) == "wacz_compressed"
    path.write_bytes(deflated.read_bytes()[:60])
    assert code(path) == "broken"
    path.write_bytes(zstandard.compress(builders.arc_description()))
    assert code(path) == "arc_compression"
    path.write_bytes(b"")
    assert code(path) == "empty"
    path.write_bytes(b"<html>no archive</html>")
    assert code(path) == "not_an_archive"
    path.write_bytes(gzip.compress(b"<html>no archive</html>"))
    assert code(path) == "not_an_archive"
    path.write_bytes(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03" + b"\xff" * 50)
    assert code(path) == "broken"
    assert code(builders.zipped(path)) == "zip"
    assert code(tmp_path / "away.warc") == "unreadable"


def test_a_file_whose_second_member_is_broken_is_readable(tmp_path: Path) -> None:
    path = tmp_path / "a.arc.gz"
    path.write_bytes(gzip.compress(builders.arc_description()) + b"\x1f\x8b\x08\0" + b"\xff" * 500)
    assert sniff(path) == "arc.gz"


def test_a_file_that_breaks_off_later_is_readable(tmp_path: Path) -> None:
    path = builders.warc_gz(tmp_path / "a.warc.gz")
    path.write_bytes(path.read_bytes()[:-30])
    assert sniff(path) == "warc.gz"


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("a.warc", True),
        ("a.warc.gz", True),
        ("A.WARC.ZST", True),
        ("b.arc.gz", True),
        ("c.wacz", True),
        ("d.warc.wet.gz", True),
        ("MANIFEST.tsv", False),
        ("warc", False),
        ("a.warc.gz.sha256.txt", False),
    ],
)
def test_names_of_archives(name: str, taken: bool) -> None:
    assert named_like_archive(Path(name)) is taken


@pytest.mark.skipif(not REAL.is_dir(), reason="the real archives are not here")
def test_all_real_archives_can_be_read() -> None:
    found = {path.name: sniff(path) for path in sorted(REAL.iterdir())}
    assert len(found) == 29
    assert not [kind for kind in found.values() if isinstance(kind, Unreadable)]
    assert sorted(kind for kind in found.values() if "warc" not in str(kind)) == ["arc", "arc", "arc.gz", "wacz"]
    # A gzip file by its bytes, though its name lacks the ending.
    assert found["openzim+warc2zim__single-page-test.warc"] == "warc.gz"
