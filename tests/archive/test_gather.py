import json
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from stages import archive
from tests.archive import builders
from webpairs import params, records
from webpairs.archive import download, manifest
from webpairs.errors import WebpairsError

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(download, "WAIT", 0.01)
    monkeypatch.setenv("WEBPAIRS_WORKERS", "1")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("www")
    builders.warc_gz(folder / "crawl.warc.gz", "http://served.example/")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def with_inputs(*inputs: str) -> params.Params:
    values: dict[str, Any] = yaml.safe_load((REPOSITORY / "params.yaml").read_text())
    values["archive"] |= {"inputs": list(inputs), "sample": {"seed": 1, "sites": 4, "pages": 6, "images": 6}}
    return params.Params.model_validate(values)


def test_the_stage_takes_files_urls_and_the_sample_together(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    builders.warc(Path("mine.warc"))
    builders.zipped(Path("old.zip"))
    url = f"{server}/crawl.warc.gz"
    archive.run(with_inputs("mine.warc", "old.zip", url, "sample"))
    rows = manifest.read()
    assert rows.height == 6
    assert dict(rows.schema) == records.MANIFEST
    by_source = {row["source"]: row for row in rows.to_dicts()}
    assert by_source["mine.warc"]["path"] == "mine.warc"
    assert by_source[url]["path"] == "data/archive/files/crawl.warc.gz"
    assert set(by_source) == {"mine.warc", url, "sample"}
    for row in rows.to_dicts():
        assert Path(row["path"]).stat().st_size == row["bytes"]
    truth = pl.read_parquet("data/archive/truth.parquet")
    assert truth.filter(role="content").height == 6
    measured = json.loads(Path("metrics/archive.json").read_text())
    assert measured["files"] == 6
    assert [entry["name"] for entry in measured["unreadable"]] == ["old.zip"]
    assert "old.zip is left out: it is a zip file" in capsys.readouterr().err
    assert Path("metrics/speed/archive.json").is_file()
    assert not manifest.changed(with_inputs("mine.warc", "old.zip", url, "sample"))


def test_without_the_sample_the_truth_has_no_rows_but_its_columns() -> None:
    builders.warc(Path("mine.warc"))
    archive.run(with_inputs("mine.warc"))
    truth = pl.read_parquet("data/archive/truth.parquet")
    assert truth.height == 0
    assert dict(truth.schema) == records.TRUTH


def test_two_runs_write_the_same_bytes() -> None:
    builders.warc(Path("mine.warc"))
    archive.run(with_inputs("mine.warc", "sample"))
    shutil.copytree("data", "before")
    archive.run(with_inputs("mine.warc", "sample"))
    files = sorted(path.relative_to("before") for path in Path("before").rglob("*") if path.is_file())
    assert len(files) == 7
    for file in files:
        assert (Path("data") / file).read_bytes() == (Path("before") / file).read_bytes()


def test_all_bad_inputs_are_reported_at_once_and_nothing_is_left(server: str) -> None:
    builders.warc(Path("mine.warc"))
    builders.wacz(Path("page.wacz"))
    inputs = ["mine.warc", "gone.warc", "*.warc.zst", f"{server}/gone.warc.gz", "page.wacz"]
    with pytest.raises(WebpairsError) as caught:
        archive.run(with_inputs(*inputs))
    message = str(caught.value)
    assert "gone.warc: no such file or folder" in message
    assert "*.warc.zst: no file matches" in message
    assert f"{server}/gone.warc.gz: it can't be fetched (status 404)" in message
    assert "page.wacz: it is a WACZ without" in message
    assert "mine.warc:" not in message
    assert not manifest.FOLDER.exists()
    assert not Path("metrics").exists()


def test_a_url_that_fails_alone_is_an_error(server: str) -> None:
    with pytest.raises(WebpairsError, match="can't be fetched"):
        archive.run(with_inputs(f"{server}/gone.warc.gz"))


def test_only_unreadable_files_are_an_error_that_lists_them() -> None:
    builders.zipped(Path("old.zip"))
    Path("empty.warc").touch()
    with pytest.raises(WebpairsError) as caught:
        archive.run(with_inputs("old.zip", "empty.warc"))
    assert str(caught.value).startswith("None of the inputs can be read as a web archive:")
    assert "old.zip: it is a zip file" in str(caught.value)
    assert "empty.warc: it is empty" in str(caught.value)
    assert not manifest.FOLDER.exists()


def test_a_failing_run_leaves_the_earlier_manifest() -> None:
    builders.warc(Path("mine.warc"))
    archive.run(with_inputs("mine.warc"))
    with pytest.raises(WebpairsError):
        archive.run(with_inputs("gone.warc"))
    assert manifest.read()["name"].to_list() == ["mine.warc"]
