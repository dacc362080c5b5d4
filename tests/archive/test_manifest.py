import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.archive import builders
from webpairs import params
from webpairs.archive import manifest
from webpairs.errors import WebpairsError


def checked(*paths: Path) -> manifest.Checked:
    return manifest.check([manifest.local(path) for path in paths], manifest.Digests(Path("digests.json")))


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def with_inputs(*inputs: str) -> params.Params:
    values: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "params.yaml").read_text())
    values["archive"]["inputs"] = list(inputs)
    return params.Params.model_validate(values)


def written(*inputs: str) -> params.Params:
    """Writes the manifest of these local files, as the stage does."""
    settings = with_inputs(*inputs)
    manifest.write(manifest.FOLDER, checked(*[Path(name) for name in inputs if Path(name).is_file()]))
    return settings


def test_rows_are_sorted_by_name_and_complete() -> None:
    found = checked(builders.warc_gz(Path("z.warc.gz")), builders.warc(Path("a.warc")))
    assert [row["name"] for row in found.rows] == ["a.warc", "z.warc.gz"]
    assert [row["format"] for row in found.rows] == ["warc", "warc.gz"]
    assert [row["bytes"] for row in found.rows] == [Path("a.warc").stat().st_size, Path("z.warc.gz").stat().st_size]
    assert all(len(row["sha256"]) == 64 for row in found.rows)


def test_files_of_the_same_name_get_a_piece_of_their_digest() -> None:
    found = checked(builders.warc(Path("x/a.warc"), "http://one/"), builders.warc(Path("y/A.warc"), "http://two/"))
    names = [row["name"] for row in found.rows]
    assert names == sorted(f"{name}-{row['sha256'][:8]}.warc" for name, row in zip("Aa", found.rows, strict=True))


def test_the_same_bytes_count_once() -> None:
    found = checked(builders.warc(Path("a.warc")), builders.warc(Path("b.warc")))
    assert [row["name"] for row in found.rows] == ["a.warc"]
    assert found.duplicates == ("b.warc",)
    assert manifest.measures(found)["duplicates"] == ["b.warc"]


def test_unreadable_files_stand_in_metrics_and_table() -> None:
    found = checked(builders.warc(Path("a.warc")), builders.zipped(Path("b.zip")), builders.wacz(Path("c.wacz")))
    measured = manifest.measures(found)
    assert measured["files"] == 1
    assert measured["by_format"] == {"warc": 1}
    assert measured["unreadable_by_code"] == {"wacz_empty": 1, "zip": 1}
    assert [entry["name"] for entry in measured["unreadable"]] == ["b.zip", "c.wacz"]
    manifest.write(Path("out"), found)
    assert manifest.read(Path("out"))["name"].to_list() == ["a.warc"]
    lines = Path("out/unreadable.tsv").read_text().splitlines()
    assert [line.split("\t")[:2] for line in lines] == [["name", "code"], ["b.zip", "zip"], ["c.wacz", "wacz_empty"]]


def test_no_manifest_is_an_error_with_the_next_step() -> None:
    with pytest.raises(WebpairsError, match="run the stage archive"):
        manifest.read()


def test_unchanged_files_are_unchanged_and_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    builders.warc(Path("a.warc"))
    builders.zipped(Path("b.zip"))
    settings = written("a.warc", "b.zip")
    assert not manifest.changed(settings)
    # From now on digests come from the scratch folder.
    monkeypatch.setattr("webpairs.shards.sha256", lambda path: pytest.fail(f"{path} was read"))
    assert not manifest.changed(settings)


def test_changes_are_seen() -> None:
    builders.warc(Path("crawl/a.warc"))
    builders.warc(Path("crawl/b.warc"), "http://b/")
    settings = written("crawl/a.warc", "crawl/b.warc")
    assert not manifest.changed(settings)
    folder = with_inputs("crawl")
    assert not manifest.changed(folder)
    builders.warc(Path("crawl/c.warc"), "http://c/")
    assert manifest.changed(folder)
    Path("crawl/c.warc").unlink()
    Path("crawl/d.arc").write_bytes(b"no archive")
    assert manifest.changed(folder), "a file that can't be read must be reported too"
    Path("crawl/d.arc").unlink()
    assert not manifest.changed(folder)
    builders.warc(Path("crawl/b.warc"), "http://d/")
    os.utime("crawl/b.warc", ns=(1, 1))
    assert manifest.changed(folder)
    Path("crawl/b.warc").unlink()
    assert manifest.changed(folder)
    assert manifest.changed(settings), "an input that is gone"


def test_without_a_manifest_and_for_the_sample_nothing_has_changed() -> None:
    assert not manifest.changed(with_inputs("away.warc"))
    manifest.write(manifest.FOLDER, checked())
    assert not manifest.changed(with_inputs("sample"))
    for remote in ("https://a.example/b.warc.gz", "s3://bucket/b.warc.gz", "commoncrawl:CC-MAIN-2024-10"):
        assert not manifest.changed(with_inputs(remote))


def test_a_remote_file_that_could_not_be_read_is_no_change() -> None:
    remote = manifest.Source(builders.zipped(Path("b.zip")), "s3://bucket/b.zip", "data/archive/files/b.zip", "b.zip")
    manifest.write(manifest.FOLDER, manifest.check([remote], manifest.Digests(Path("digests.json"))))
    assert not manifest.changed(with_inputs("s3://bucket/b.zip"))
