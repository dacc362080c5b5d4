"""The stage: from a manifest to candidates, metrics and errors."""

import gzip
import hashlib
import shutil
from pathlib import Path

import polars as pl
import pytest
from fastwarc.warc import WarcRecordType

from stages import extract as stage
from tests.archive.responses import http, record, resource
from webpairs import metrics, shards
from webpairs.errors import WebpairsError
from webpairs.page import around, extract
from webpairs.params import Params, load
from webpairs.records import CANDIDATES, MANIFEST, PAGES

PAGE = b"<html><p>A red boat lies in the harbour.</p><img src=/boat.jpg alt='A red boat'><img src=x.png>"
PLAIN = b"<html><p>Nothing to see here.</p>"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def params() -> Params:
    return load(ROOT / "params.yaml")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WEBPAIRS_WORKERS", "1")
    return tmp_path


def archives(**contents: list[bytes] | bytes) -> None:
    """Writes archives of pages with these bodies, or of these very bytes, and the manifest of all."""
    rows = []
    for name, content in contents.items():
        path = Path("inputs") / f"{name}.warc.gz"
        path.parent.mkdir(exist_ok=True)
        if isinstance(content, list):
            pages = [record(f"http://{name}.example/{n}", http(body)) for n, body in enumerate(content)]
            content = b"".join(gzip.compress(page, mtime=0) for page in pages)
        path.write_bytes(content)
        rows.append(
            {"name": path.name, "source": str(path), "path": str(path), "format": "warc.gz"}
            | {"bytes": len(content), "sha256": shards.sha256(path)}
        )
    shards.write_parquet(stage.ARCHIVES, pl.DataFrame(rows, schema=MANIFEST), MANIFEST, ["name"])


def outputs() -> dict[str, bytes]:
    """All that the stage wrote and that doesn't depend on the run's speed."""
    files = [*Path("data/candidates").rglob("*"), *Path("data/pages").rglob("*"), *Path("metrics").rglob("*")]
    return {str(file): file.read_bytes() for file in files if file.is_file() and "speed" not in file.parts}


def parsed() -> float:
    return float(metrics.read_metrics(Path("metrics/speed/extract.json"))["archives_parsed"])


def test_candidates_and_metrics(params: Params) -> None:
    archives(b=[PAGE, PLAIN], a=[PAGE, b"  "])
    stage.run(params)
    table = shards.read_parquet(Path("data/candidates"), CANDIDATES)
    assert table["image_url"].to_list() == [
        "http://a.example/boat.jpg",
        "http://a.example/x.png",
        "http://b.example/boat.jpg",
        "http://b.example/x.png",
    ]
    assert table["candidate_id"].n_unique() == 4
    found = metrics.read_metrics(Path("metrics/extract.json"))
    assert found["shares"] == {
        "pages_without_image": 0.333333,
        "images_with_alt": 0.5,
        "alts_in_window_of_images": 0.5,
        "alts_in_window_of_alts": 1.0,
        "images_in_archives_reached": None,
        "bytes_unread": 0.0,
    }
    assert {name: found[name] for name in ("archives", "archives_broken", "pages", "images", "candidates")} == {
        "archives": 2,
        "archives_broken": 0,
        "pages": 3,
        "images": 4,
        "candidates": 4,
    }
    assert found["drops"] == {"records": {"empty_body": 1}, "images": {}}
    rows = metrics.read_tsv(Path("metrics/extract/per_archive.tsv"))
    assert [(row["archive"], row["pages"], row["record_drops"]) for row in rows] == [
        ("a.warc.gz", "1", "1"),
        ("b.warc.gz", "2", "0"),
    ]


def test_an_image_that_is_served_as_a_page_is_none(params: Params) -> None:
    drawn_in_page = b"<!-- ours --><html><svg></svg><p>A boat.</p><img src=boat.jpg>"
    archives(a=[PAGE, b"\x89PNG\r\n\x1a\n" + bytes(2000), drawn_in_page])
    stage.run(params)
    found = metrics.read_metrics(Path("metrics/extract.json"))
    assert (found["pages"], found["images"], found["other_records"]) == (2, 3, {"not_html": 1})


def test_same_bytes_for_any_number_of_workers(params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    archives(a=[PAGE] * 3, b=[PAGE, PLAIN], c=[PLAIN])
    stage.run(params)
    alone = outputs()
    shutil.rmtree(shards.SCRATCH)
    monkeypatch.setenv("WEBPAIRS_WORKERS", "2")
    stage.run(params)
    assert parsed() == 3
    assert outputs() == alone


def test_one_more_archive_parses_one(params: Params) -> None:
    archives(a=[PAGE], b=[PAGE])
    stage.run(params)
    assert parsed() == 2
    archives(a=[PAGE], b=[PAGE], c=[PAGE, PAGE])
    stage.run(params)
    assert parsed() == 1
    reused = outputs()
    shutil.rmtree(shards.SCRATCH)
    stage.run(params)
    assert parsed() == 3
    assert outputs() == reused


def test_other_params_or_contents_parse_anew(params: Params) -> None:
    archives(a=[PAGE], b=[PAGE])
    stage.run(params)
    wider = params.extract.model_copy(update={"characters_before": 7})
    stage.run(params.model_copy(update={"extract": wider}))
    assert parsed() == 2
    archives(a=[PAGE, PAGE], b=[PAGE])
    stage.run(params)
    assert parsed() == 1


def test_a_broken_archive_costs_what_is_broken(params: Params) -> None:
    whole = b"".join(gzip.compress(record(f"http://x.example/{n}", http(PAGE))) for n in range(3))
    archives(a=[PAGE], broken=whole[:-40], garbage=b"garbage")
    stage.run(params)
    found = metrics.read_metrics(Path("metrics/extract.json"))
    assert (found["archives_broken"], found["pages"], found["records_cut"]) == (2, 4, 1)
    assert [one["archive"] for one in found["broken"]] == ["broken.warc.gz", "garbage.warc.gz"]
    assert (Path("data/candidates") / "garbage.warc.gz-00000.parquet").exists()


def test_a_defect_costs_the_page_and_is_shown(params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(body: bytes, *others: object) -> object:
        if b"harbour" not in body:
            raise ValueError("what a defect says")
        return real(body, *others)  # type: ignore[arg-type]

    real = extract.extract
    monkeypatch.setattr(extract, "extract", fail)
    archives(a=[PLAIN, PAGE])
    stage.run(params)
    found = metrics.read_metrics(Path("metrics/extract.json"))
    assert found["drops"]["records"] == {"defect": 1}
    assert found["broken"][0]["error"] == "defect of webpairs: ValueError: what a defect says"


@pytest.mark.parametrize(
    ("contents", "cause"),
    [
        ({"a": [PLAIN]}, "None of the 1 pages in the archives has an image"),
        ({"a": b"garbage"}, "hold no HTML page that could be read"),
        ({"a": []}, "hold no HTML page that could be read"),
    ],
)
def test_nothing_to_do_leaves_what_was_there(
    params: Params, contents: dict[str, list[bytes] | bytes], cause: str
) -> None:
    archives(good=[PAGE])
    stage.run(params)
    before = outputs()
    archives(**contents)
    with pytest.raises(WebpairsError, match=cause) as caught:
        stage.run(params)
    assert "archive.inputs" in str(caught.value)
    assert outputs() == before
    assert not list(Path("data").glob(".*"))


def test_missing_inputs_are_named(params: Params) -> None:
    with pytest.raises(WebpairsError, match="make all"):
        stage.run(params)
    archives(a=[PAGE], b=[PAGE])
    Path("inputs/a.warc.gz").unlink()
    Path("inputs/b.warc.gz").unlink()
    with pytest.raises(WebpairsError, match="gone") as caught:
        stage.run(params)
    assert str(caught.value).count("inputs/") == 2
    assert not Path("data/candidates").exists()


def test_pages_lead_back_to_their_records(params: Params) -> None:
    archives(a=[PLAIN, PAGE])
    stage.run(params)
    (page,) = shards.read_parquet(Path("data/pages"), PAGES).to_dicts()
    content = Path("inputs/a.warc.gz").read_bytes()
    start, length = page["record_offset"], page["record_length"]
    assert gzip.decompress(content[start : start + length]).endswith(PAGE + b"\r\n\r\n")
    assert (page["record_digest"], page["page_url"]) == (hashlib.sha256(PAGE).hexdigest(), "http://a.example/1")
    assert shards.read_parquet(Path("data/candidates"), CANDIDATES)["page_id"].unique().to_list() == [page["page_id"]]


def test_an_archive_is_written_in_parts(params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [PAGE.replace(b"boat.jpg", b"%d.jpg" % number) for number in range(5)]
    archives(a=pages)
    stage.run(params)
    whole = shards.read_parquet(Path("data/candidates"), CANDIDATES)
    shutil.rmtree(shards.SCRATCH)
    monkeypatch.setattr(extract, "CANDIDATES_TOGETHER", 3)
    stage.run(params)
    names = ["a.warc.gz-00000.parquet", "a.warc.gz-00001.parquet", "a.warc.gz-00002.parquet"]
    assert sorted(file.name for file in Path("data/candidates").iterdir()) == names
    assert sorted(file.name for file in Path("data/pages").iterdir()) == names
    assert shards.read_parquet(Path("data/candidates"), CANDIDATES).equals(whole)
    windows = pl.concat([around.read_windowed(Path("data/candidates") / name, Path("data/pages")) for name in names])
    assert windows["text_before"].unique().to_list() == ["A red boat lies in the harbour."]


def test_images_of_the_archive_that_no_candidate_names_are_listed(params: Params) -> None:
    image = b"\x89PNG\r\n\x1a\n" + bytes(50)
    records = [record("http://a.example/", http(PAGE))]
    records += [
        record(f"http://a.example/{name}", http(image, "Content-Type: image/png")) for name in ("boat.jpg", "other.png")
    ]
    archives(a=b"".join(gzip.compress(one, mtime=0) for one in records))
    stage.run(params)
    assert metrics.read_metrics(Path("metrics/extract.json"))["images_in_archives"] == {"images": 2, "reached": 1}
    listed = metrics.read_tsv(Path("metrics/extract/unreached.tsv"))
    assert listed == [{"url": "http://a.example/other.png"}]


def test_losses_are_told_by_reason(params: Params) -> None:
    archives(a=[PAGE, b"  ", PAGE, b"<html><img alt=x><img src='ftp://x/y'><img src=ok.png><img src=ok.png>"])
    stage.run(params)
    losses = {
        (row["what"], row["reason"]): row["count"] for row in metrics.read_tsv(Path("metrics/extract/losses.tsv"))
    }
    assert losses["pages lost", "empty_body"] == "1"
    assert losses["pages left out", "pages_same_body"] == "1"
    assert losses["images lost", "no_url"] == losses["images lost", "not_http"] == "1"
    assert losses["URLs not resolved", "not_http"] == "1"
    found = metrics.read_metrics(Path("metrics/extract.json"))
    assert (found["images_repeated_on_page"], found["candidates"]) == (1, 3)
    lost = found["images_repeated_on_page"] + sum(found["drops"]["images"].values())
    assert found["images_found"] == found["candidates"] + found["captured_again"]["candidates"] + lost == 8


def revisit(url: str, digest: str = "", **fields: str) -> bytes:
    """A revisit record: whose payload has this digest, and whose header has these fields."""
    made = record(url, http(b"", "Content-Type: text/html"), WarcRecordType.revisit)
    lines = [f"WARC-Payload-Digest: {digest}"] if digest else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return made.replace(b"\r\n", "".join(f"\r\n{line}" for line in [*lines, ""]).encode(), 1)


def test_revisits_are_resolved_over_all_archives(params: Params) -> None:
    page = record("http://a.example/0", http(PAGE, "Content-Type: text/html"))
    page = page.replace(b"\r\n", b"\r\nWARC-Payload-Digest: sha1:AAA\r\n", 1)
    boat = resource("http://a.example/boat.jpg", "image/jpeg", b"\xff\xd8\xff")
    boat = boat.replace(b"\r\n", b"\r\nWARC-Payload-Digest: sha1:BBB\r\n", 1)
    revisits = [
        revisit("http://a.example/0", "sha1:AAA"),
        revisit("http://a.example/1", "sha1:AAA"),
        revisit("http://a.example/x.png", "sha1:BBB"),
        revisit("http://a.example/2", "sha1:CCC"),
        revisit("http://a.example/3"),
    ]
    archives(a=b"".join(revisits), b=page + boat)
    stage.run(params)
    found = metrics.read_metrics(Path("metrics/extract.json"))
    assert found["revisits"] == {
        "pages": {"captured_before": 1, "captured_under_another_url": 1, "not_in_the_inputs": 1, "no_reference": 1},
        "images": {"captured_under_another_url": 1},
        "others": {},
    }
    # The bytes of x.png are there, as those of the boat.
    assert found["images_in_archives"] == {"images": 2, "reached": 2}


def test_of_a_page_that_is_too_large_the_beginning_is_read(params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "BODY_AT_MOST", 1000)
    archives(a=[PAGE + b" " * 1000 + PAGE.replace(b"boat.jpg", b"ship.jpg"), PAGE])
    stage.run(params)
    found = metrics.read_metrics(Path("metrics/extract.json"))
    assert (found["pages"], found["candidates"], found["drops"]["records"]) == (2, 4, {})
    assert found["cuts"] == {"body_too_large": 1}
