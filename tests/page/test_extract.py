"""The stage: from a manifest to candidates, metrics and errors."""

import gzip
import shutil
from pathlib import Path

import polars as pl
import pytest

from stages import extract as stage
from tests.archive.responses import http, record
from webpairs import metrics, shards
from webpairs.errors import WebpairsError
from webpairs.page import extract
from webpairs.params import Params, load
from webpairs.records import CANDIDATES, MANIFEST

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
    files = [*Path("data/candidates").rglob("*"), *Path("metrics").rglob("*")]
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
    assert (Path("data/candidates") / "garbage.warc.gz.parquet").exists()


def test_a_defect_costs_the_page_and_is_shown(params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(body: bytes, *others: object) -> object:
        if b"harbour" not in body:
            raise ValueError("what a defect says")
        return real(body, *others)  # type: ignore[arg-type]

    real = extract.candidates
    monkeypatch.setattr(extract, "candidates", fail)
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
