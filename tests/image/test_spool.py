import hashlib
from pathlib import Path

from webpairs.image.spool import Spool, pack
from webpairs.shards import read_tar


def test_bytes_are_held_once_by_their_digest(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    first, second = spool.put(b"image"), spool.put(b"image")
    assert first == second == hashlib.sha256(b"image").hexdigest()
    assert [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] == [b"image"]


def test_a_tar_is_begun_before_the_last_grows_too_large(tmp_path: Path) -> None:
    paths = []
    for number in range(5):
        paths.append(tmp_path / f"source-{number}")
        paths[-1].write_bytes(bytes([number]) * 40)
    members = [(f"{number}.png", path) for number, path in enumerate(paths)]
    tars = list(pack(members, tmp_path, max_bytes=100))
    assert tars == ["images-00000.tar"] * 2 + ["images-00001.tar"] * 2 + ["images-00002.tar"]
    assert list(read_tar(tmp_path / "images-00001.tar")) == [("2.png", b"\2" * 40), ("3.png", b"\3" * 40)]


def test_a_member_larger_than_a_tar_has_one_of_its_own(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(bytes(500))
    assert list(pack([("a.png", source), ("b.png", source)], tmp_path, max_bytes=100)) == [
        "images-00000.tar",
        "images-00001.tar",
    ]


def test_no_members_make_no_tar(tmp_path: Path) -> None:
    assert list(pack([], tmp_path)) == []
    assert list(tmp_path.iterdir()) == []
