"""The small sample as files: what a crawler would have brought home."""

import gzip
import hashlib
import io
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import brotli
import polars as pl
import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from PIL import Image, UnidentifiedImageError

from tests.archive.miniature.conftest import Written
from webpairs import records
from webpairs.archive import miniature
from webpairs.params import Sample

DECODERS = {
    "": lambda body: body,
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "br": brotli.decompress,
}


@dataclass(frozen=True)
class Response:
    """A response record: the body without chunks, still under its content coding."""

    url: str
    status: int
    content_type: str
    coding: str
    chunked: bool
    body: bytes


def responses(path: Path) -> list[Response]:
    found = []
    with path.open("rb") as file:
        try:
            for record in ArchiveIterator(file, record_types=WarcRecordType.response, auto_decode="transfer"):
                headers = record.http_headers
                if headers is None:
                    continue  # the record that breaks off
                found.append(
                    Response(
                        record.headers["WARC-Target-URI"],
                        headers.status_code,
                        headers.get("Content-Type", ""),
                        headers.get("Content-Encoding", ""),
                        "Transfer-Encoding" in headers,
                        record.reader.read(),
                    )
                )
        except OSError:
            # The file ends in bytes that are no record.
            pass
    return found


@pytest.fixture(scope="session")
def crawled(small: Written) -> list[Response]:
    return [response for file in small.files for response in responses(file)]


def test_the_truth_has_its_schema_and_a_row_an_image(small: Written) -> None:
    assert dict(small.truth.schema) == records.TRUTH
    assert small.truth.filter(role="content").height == 80
    assert small.truth.select("page_url", "position").is_unique().all()
    assert set(small.truth["role"]) == {"content", "icon", "tracker", "decoration"}
    assert small.truth.null_count().row(0) == (0,) * small.truth.width


def test_every_page_of_the_truth_stands_in_the_archives(small: Written, crawled: list[Response]) -> None:
    pages = {response.url for response in crawled if response.status == 200 and "html" in response.content_type}
    assert set(small.truth["page_url"]) <= pages
    assert len(pages) >= 30


def test_pages_decode_under_their_own_coding(crawled: list[Response]) -> None:
    pages = [response for response in crawled if response.status == 200 and response.content_type.startswith("text/ht")]
    for response in pages:
        assert b"<html" in DECODERS[response.coding](response.body).lower()
    assert {"gzip", "br", ""} <= {response.coding for response in pages}
    assert any(response.chunked for response in pages)


def test_crawls_hold_redirects_a_lost_page_and_second_captures(crawled: list[Response]) -> None:
    statuses = Counter(response.status for response in crawled)
    assert statuses[301] >= 5
    assert statuses[404] >= 5
    pages = Counter(response.url for response in crawled if response.status == 200 and "html" in response.content_type)
    assert sum(count > 1 for count in pages.values()) >= 5
    assert max(pages.values()) == 2


def test_files_are_named_by_site_and_three_hold_something_broken(small: Written) -> None:
    assert [file.name for file in small.files] == sorted(f"{site}.warc.gz" for site in set(small.truth["site"]))
    museum, travel, shop = (
        next(file for file in small.files if file.name.startswith(start)) for start in ("corran", "slow", "tillet")
    )
    kinds = []
    with museum.open("rb") as file:
        kinds = [record.record_type for record in ArchiveIterator(file)]
    assert WarcRecordType.no_type in kinds or WarcRecordType.unknown in kinds
    assert kinds[-1] == WarcRecordType.response, "what follows the broken record can be read"
    with pytest.raises(EOFError):
        gzip.decompress(travel.read_bytes())
    with shop.open("rb") as file, pytest.raises(OSError):
        for _ in ArchiveIterator(file):
            pass


def test_images_are_in_the_state_that_the_truth_names(small: Written, crawled: list[Response]) -> None:
    by_url = {response.url: response for response in crawled}
    states = Counter[str]()
    for row in small.truth.filter(role="content").to_dicts():
        states[row["state"]] += 1
        response = by_url.get(row["image_url"])
        match row["state"]:
            case "missing":
                assert response is None
                continue
            case "not_found":
                assert response is not None
                assert response.status == 404
                continue
        assert response is not None
        if row["state"] == "broken":
            with pytest.raises((OSError, UnidentifiedImageError)):
                Image.open(io.BytesIO(response.body)).load()
            continue
        with Image.open(io.BytesIO(response.body)) as image:
            image.load()
            if row["state"] == "small":
                assert min(image.size) < 224
            else:
                assert min(image.size) >= 256
                assert len(response.body) > 5120
            labelled = response.content_type == f"image/{str(image.format).lower()}"
            assert labelled is (row["state"] != "mislabelled") or row["state"] == "small"
    assert states["whole"] >= 60
    assert len(states) >= 4


def test_formats_are_mixed(small: Written, crawled: list[Response]) -> None:
    urls = set(small.truth.filter(role="content")["image_url"])
    kinds = Counter(response.content_type for response in crawled if response.url in urls)
    assert min(kinds["image/jpeg"], kinds["image/png"], kinds["image/webp"]) >= 5


def test_icons_and_trackers_are_tiny(small: Written, crawled: list[Response]) -> None:
    by_url = {response.url: response for response in crawled}
    rows = small.truth.filter(pl.col("role").is_in(["icon", "tracker"])).to_dicts()
    for row in rows:
        if not row["image_url"].startswith("data:"):
            assert len(by_url[row["image_url"]].body) < 1024
    assert any(row["image_url"].startswith("data:") for row in rows)


def digest(folder: Path, sample: Sample, workers: int, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("WEBPAIRS_WORKERS", str(workers))
    folder.mkdir()
    files, truth = miniature.write(folder, sample)
    return hashlib.sha256(b"".join(file.read_bytes() for file in files) + truth.write_json().encode()).hexdigest()


def test_the_bytes_depend_on_the_sample_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = Sample(seed=1, sites=4, pages=8, images=8)
    first = digest(tmp_path / "a", sample, 1, monkeypatch)
    assert digest(tmp_path / "b", sample, 2, monkeypatch) == first
    assert digest(tmp_path / "c", sample.model_copy(update={"seed": 2}), 1, monkeypatch) != first


def test_more_sites_than_templates_have_domains_of_their_own() -> None:
    sites = miniature.sites_of(Sample(seed=1, sites=30, pages=100, images=300))
    assert len({site.domain for site in sites}) == 30
    assert sum(site.pages for site in sites) == 100
    assert sum(site.images for site in sites) == 300
    assert {site.domain.rpartition(".")[2] for site in sites} == {"example", "test"}
