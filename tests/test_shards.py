"""shards: the same content gives the same bytes, and nothing is ever half there."""

import os
import time
from pathlib import Path

import polars as pl
import pytest

from webpairs import shards

SCHEMA = {"key": pl.String, "number": pl.Int64}


def test_parquet_bytes_do_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    frame = pl.DataFrame({"key": ["b", "a", "c"], "number": [2, 1, 3]}, schema=SCHEMA)
    shards.write_parquet(tmp_path / "one.parquet", frame, SCHEMA, ["key"])
    shards.write_parquet(tmp_path / "two.parquet", frame.reverse(), SCHEMA, ["key"])
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    assert shards.read_parquet(tmp_path / "one.parquet", SCHEMA)["key"].to_list() == ["a", "b", "c"]


def test_parquet_of_another_schema_is_refused(tmp_path: Path) -> None:
    frame = pl.DataFrame({"key": ["a"], "number": [1.5]})
    with pytest.raises(ValueError, match="schema"):
        shards.write_parquet(tmp_path / "x.parquet", frame, SCHEMA, ["key"])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_parquet_reads_as_an_empty_frame(tmp_path: Path) -> None:
    assert shards.read_parquet(tmp_path, SCHEMA).schema == SCHEMA


def test_tar_bytes_depend_on_members_alone(tmp_path: Path) -> None:
    for name in ("one.tar", "two.tar"):
        with shards.TarWriter(tmp_path / name) as tar:
            tar.add("a.txt", b"alpha")
            tar.add("b.txt", b"")
        time.sleep(0.01)
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()
    assert list(shards.read_tar(tmp_path / "one.tar")) == [("a.txt", b"alpha"), ("b.txt", b"")]


def test_an_output_folder_takes_its_place_only_when_whole(tmp_path: Path) -> None:
    place = tmp_path / "out"
    with shards.output_folder(place) as folder:
        (folder / "first").write_text("1")
        assert not place.exists()
    assert (place / "first").read_text() == "1"
    with pytest.raises(RuntimeError, match="cut"), shards.output_folder(place) as folder:
        (folder / "second").write_text("2")
        raise RuntimeError("cut")
    assert [path.name for path in place.iterdir()] == ["first"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"], "nothing half-written stays behind"
    with shards.output_folder(place) as folder:
        (folder / "third").write_text("3")
    assert [path.name for path in place.iterdir()] == ["third"], "left-overs of the failed run must not come along"


def test_write_bytes_leaves_the_old_file_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    shards.write_bytes(path, b"old")

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        shards.write_bytes(path, b"new")
    assert path.read_bytes() == b"old"


def test_finished_work_is_not_done_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    calls: list[Path] = []

    def produce(path: Path) -> None:
        calls.append(path)
        path.write_text(f"made by {os.getpid()}")

    first = shards.finished("extract", shards.fingerprint("digest", {"a": 1}), ".txt", produce)
    again = shards.finished("extract", shards.fingerprint("digest", {"a": 1}), ".txt", produce)
    other = shards.finished("extract", shards.fingerprint("digest", {"a": 2}), ".txt", produce)
    assert first == again != other
    assert len(calls) == 2


def test_code_digest_covers_a_package_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "somepackage"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "inner.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    import somepackage  # type: ignore[import-not-found]

    before = shards.code_digest(somepackage)
    (package / "inner.py").write_text("x = 2\n")
    assert shards.code_digest(somepackage) != before
