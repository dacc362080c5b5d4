"""Large archives that are made by repeating a small one."""

import gzip
from pathlib import Path

from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

from bench import repeat
from bench.pages import pages


def test_copies_have_hosts_of_their_own_and_the_same_bodies(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "large.warc.gz"
    assert repeat.write(target, archive, 7, 3 * target_size(archive)) == 3
    found = list(pages(target))
    assert [page.url for page in found] == [
        f"http://copy{number}.{rest}" for number in (7, 8, 9) for rest in ("a.example/1", "b.example/2")
    ]
    assert [page.body for page in found] == 3 * [page.body for page in pages(archive)]


def test_every_record_is_a_sound_gzip_member(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "large.warc.gz"
    repeat.write(target, archive, 1, 1)
    assert gzip.decompress(target.read_bytes()).count(b"WARC/1.1\r\n") == 4
    with target.open("rb") as stream:
        assert len([record.rec_headers.get_header("WARC-Record-ID") for record in ArchiveIterator(stream)]) == 4
    with target.open("rb") as stream:
        offsets = [record.stream_pos for record in FastIterator(stream)]
    assert all(target.read_bytes()[offset:].startswith(b"\x1f\x8b") for offset in offsets)
    assert len(set(offsets)) == 4


def test_a_copy_can_be_limited_to_a_few_responses(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "few.warc.gz"
    assert repeat.write(target, archive, 1, 1, 2) == 1
    assert gzip.decompress(target.read_bytes()).count(b"WARC/1.1\r\n") == 2


def target_size(archive: Path) -> int:
    """The bytes of one copy, less a few: three copies are wanted for three times as many."""
    target = archive.with_name("one.warc.gz")
    repeat.write(target, archive, 7, 1)
    return target.stat().st_size - 8
