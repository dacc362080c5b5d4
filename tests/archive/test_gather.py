import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from stages import archive
from tests.archive import builders
from tests.archive.remote import Site
from webpairs import params, records
from webpairs.archive import manifest
from webpairs.errors import WebpairsError

REPOSITORY = Path(__file__).parents[2]


SNAPSHOT = "CC-MAIN-2024-10"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WEBPAIRS_WORKERS", "1")


@pytest.fixture
def server(site: Site) -> str:
    site.files["/crawl.warc.gz"] = archived("http://served.example/")
    return site.base


@pytest.fixture
def crawl(site: Site) -> Site:
    """A snapshot of four files, laid out as Common Crawl does."""
    folder = f"crawl-data/{SNAPSHOT}/segments/1707947473347.0/warc"
    paths = [f"{folder}/CC-MAIN-20240220211055-20240221001055-{number:05d}.warc.gz" for number in range(4)]
    site.files |= {f"/{path}": archived(f"http://{number}.example/") for number, path in enumerate(paths)}
    site.files[f"/crawl-data/{SNAPSHOT}/warc.paths.gz"] = gzip.compress("\n".join(paths).encode())
    return site


def archived(url: str) -> bytes:
    return gzip.compress(builders.record(url), mtime=0)


def with_inputs(*inputs: str, **commoncrawl: object) -> params.Params:
    values: dict[str, Any] = yaml.safe_load((REPOSITORY / "params.yaml").read_text())
    values["archive"] |= {"inputs": list(inputs), "sample": {"seed": 1, "sites": 4, "pages": 6, "images": 6}}
    values["archive"]["commoncrawl"] |= commoncrawl
    return params.Params.model_validate(values)


def files_of_data() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in Path("data/archive").rglob("*") if path.is_file()}


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


def test_all_bad_inputs_are_reported_at_once_and_nothing_is_left(server: str, site: Site) -> None:
    site.files["/crawls/good.warc"] = b""
    builders.warc(Path("mine.warc"))
    builders.wacz(Path("page.wacz"))
    inputs = ["mine.warc", "gone.warc", "*.warc.zst", f"{server}/gone.warc.gz", "page.wacz"]
    inputs += ["s3://crawls/none/", "s3://crawls/good.warc", "commoncrawl:CC-MAIN-1999-01", "commoncrawl:what"]
    with pytest.raises(WebpairsError) as caught:
        archive.run(with_inputs(*inputs, base=server))
    message = str(caught.value)
    assert "gone.warc: no such file or folder" in message
    assert "*.warc.zst: no file matches" in message
    assert f"{server}/gone.warc.gz: it can't be fetched (status 404)" in message
    assert "s3://crawls/none/: it can't be fetched (there is no object of this name" in message
    assert "commoncrawl:CC-MAIN-1999-01: it can't be fetched (there is no such snapshot" in message
    assert "commoncrawl:what: not the name of a snapshot" in message
    assert "page.wacz: it is a WACZ without" in message
    assert "mine.warc:" not in message
    assert "good.warc" not in message
    assert not manifest.FOLDER.exists()
    assert not Path("metrics").exists()


@pytest.mark.parametrize("given", ["{}/gone.warc.gz", "s3://crawls/gone/", "commoncrawl:CC-MAIN-1999-01"])
def test_a_remote_input_that_fails_alone_is_an_error(server: str, given: str) -> None:
    builders.warc(Path("mine.warc"))
    with pytest.raises(WebpairsError, match="can't be fetched"):
        archive.run(with_inputs("mine.warc", given.format(server), base=server))


def test_only_unreadable_files_are_an_error_that_lists_them() -> None:
    builders.zipped(Path("old.zip"))
    Path("empty.warc").touch()
    with pytest.raises(WebpairsError) as caught:
        archive.run(with_inputs("old.zip", "empty.warc"))
    assert str(caught.value).startswith("None of the inputs can be read as a web archive:")
    assert "old.zip: it is a zip file" in str(caught.value)
    assert "empty.warc: it is empty" in str(caught.value)
    assert not manifest.FOLDER.exists()


def test_a_snapshot_of_common_crawl(crawl: Site, capsys: pytest.CaptureFixture[str]) -> None:
    settings = with_inputs(f"commoncrawl:{SNAPSHOT}", files=3, seed=1, base=crawl.base)
    archive.run(settings)
    rows = manifest.read().to_dicts()
    assert len(rows) == 3
    for row in rows:
        assert row["path"] == f"data/archive/files/{row['name']}"
        assert Path(row["path"]).read_bytes() == crawl.files[row["source"].removeprefix(crawl.base)]
    measured = json.loads(Path("metrics/archive.json").read_text())
    assert measured["snapshots"] == [{"name": SNAPSHOT, "kind": "warc", "chosen": 3, "listed": 4}]
    assert capsys.readouterr().err == ""
    assert not manifest.changed(settings)


def test_a_snapshot_with_fewer_files_than_wanted_is_taken_whole(
    crawl: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    archive.run(with_inputs(f"commoncrawl:{SNAPSHOT}", files=5, base=crawl.base))
    assert manifest.read().height == 4
    assert capsys.readouterr().err == f"archive: {SNAPSHOT} has 4 files only; all are taken\n"


def test_another_run_downloads_only_what_it_has_not(crawl: Site) -> None:
    archive.run(with_inputs(f"commoncrawl:{SNAPSHOT}", files=2, base=crawl.base))
    before = files_of_data()
    crawl.asked.clear()
    archive.run(with_inputs(f"commoncrawl:{SNAPSHOT}", files=2, base=crawl.base))
    assert files_of_data() == before
    assert None not in crawl.sent("if-none-match")
    crawl.asked.clear()
    archive.run(with_inputs(f"commoncrawl:{SNAPSHOT}", files=3, base=crawl.base))
    assert manifest.read().height == 3
    assert crawl.sent("if-none-match").count(None) == 1


def test_a_run_that_failed_keeps_what_arrived(crawl: Site) -> None:
    settings = with_inputs(f"commoncrawl:{SNAPSHOT}", files=2, base=crawl.base)
    crawl.before = [lambda: None, lambda: None, lambda: crawl.answers.append((404, {}))]
    with pytest.raises(WebpairsError, match="status 404") as caught:
        archive.run(settings)
    assert "what has arrived is kept" in str(caught.value)
    crawl.asked.clear()
    archive.run(settings)
    assert crawl.sent("if-none-match").count(None) == 1


@pytest.mark.parametrize("links", [True, False])
def test_downloads_take_their_space_once_where_links_work(
    server: str, links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    if not links:
        monkeypatch.setattr(Path, "hardlink_to", refuse)
    archive.run(with_inputs(f"{server}/crawl.warc.gz"))
    [kept] = Path(".scratch/archive/downloads").glob("*.whole")
    file = Path("data/archive/files/crawl.warc.gz")
    assert file.samefile(kept) is links
    assert file.read_bytes() == kept.read_bytes()


def test_urls_of_the_same_name_and_the_same_url_twice(server: str, site: Site) -> None:
    site.files["/other/crawl.warc.gz"] = archived("http://other.example/")
    urls = [f"{server}/crawl.warc.gz", f"{server}/other/crawl.warc.gz", *[f"{server}/crawl.warc.gz"] * 2]
    archive.run(with_inputs(*urls))
    rows = manifest.read().to_dicts()
    assert [Path(row["path"]).read_bytes() for row in rows] == [
        site.files[row["source"].removeprefix(server)] for row in rows
    ]
    assert {row["source"] for row in rows} == set(urls)
    assert json.loads(Path("metrics/archive.json").read_text())["duplicates"] == [urls[0]] * 2


def test_objects_in_s3(site: Site) -> None:
    site.files = {f"/crawls/2024/{name}.warc.gz": archived(f"http://{name}.example/") for name in "ab"}
    settings = with_inputs("s3://crawls/2024/")
    archive.run(settings)
    rows = manifest.read().to_dicts()
    assert [row["source"] for row in rows] == ["s3://crawls/2024/a.warc.gz", "s3://crawls/2024/b.warc.gz"]
    assert not manifest.changed(settings)


def test_a_failing_run_leaves_the_earlier_manifest() -> None:
    builders.warc(Path("mine.warc"))
    archive.run(with_inputs("mine.warc"))
    with pytest.raises(WebpairsError):
        archive.run(with_inputs("gone.warc"))
    assert manifest.read()["name"].to_list() == ["mine.warc"]
