import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from tests.image.archives import write_warc
from tests.image.pictures import LIMITS, encoded
from tests.image.projects import run_stage, table
from tests.image.server import Server, serving
from webpairs import records
from webpairs.errors import WebpairsError
from webpairs.image.download import Http
from webpairs.image.fetch import fetch
from webpairs.shards import read_tar

HTTP = Http(timeout_seconds=3, retries=0, max_bytes=1_000_000)
A, B, SMALL, TEXT = (f"http://a.example/{name}.png" for name in ("a", "b", "small", "text"))
DATA = "data:image/png;base64," + base64.b64encode(encoded(seed=3)).decode()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("WEBPAIRS_ALLOW_PRIVATE", "127.0.0.1")
    with serving() as running:
        yield running


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    responses = [(A, encoded(seed=1)), (B, encoded(seed=1)), (SMALL, encoded(100, 300)), (TEXT, b"not an image" * 500)]
    return write_warc(tmp_path / "in/a.warc", responses)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_every_url_has_a_verdict_and_every_image_is_packed_once(tmp_path: Path, archive: Path, server: Server) -> None:
    served, missing = server.url("/image.png"), server.url("/none.png")
    urls = [A, B, A, SMALL, TEXT, DATA, "data:oops", "ftp://a.example/x.png", served, missing]
    frame, numbers = fetch(urls, [archive], LIMITS, HTTP, tmp_path / "scratch", tmp_path / "out")
    rows = {row["image_url"]: row for row in frame.iter_rows(named=True)}
    assert {url: (row["verdict"], row["origin"]) for url, row in rows.items()} == {
        A: ("kept", "archive"),
        B: ("kept", "archive"),
        SMALL: ("too_small", "archive"),
        TEXT: ("not_an_image", "archive"),
        DATA: ("kept", "data"),
        "data:oops": ("bad_data_uri", ""),
        "ftp://a.example/x.png": ("unsupported_scheme", ""),
        served: ("kept", "http"),
        missing: ("http_status_404", ""),
    }
    members = list(read_tar(tmp_path / "out/images-00000.tar"))
    names = sorted([f"{digest(encoded(seed=seed))}.png" for seed in (1, 3)])
    assert [name for name, _ in members] == names  # /image.png serves the image of A, too
    assert all(digest(content) == name[:64] for name, content in members)
    assert rows[A]["member"] == rows[B]["member"] == rows[served]["member"]
    assert (rows[SMALL]["width"], rows[SMALL]["height"], rows[SMALL]["tar"]) == (100, 300, None)
    assert pl.read_parquet(tmp_path / "out/verdicts.parquet").equals(frame.sort("image_url"))
    assert numbers == {
        "urls": 9,
        "kept": 4,
        "images": 2,
        "duplicates": 2,
        "bytes": len(encoded(seed=1)) + len(encoded(seed=3)),
        "verdicts": {
            "kept": 4,
            "bad_data_uri": 1,
            "http_status_404": 1,
            "not_an_image": 1,
            "too_small": 1,
            "unsupported_scheme": 1,
        },
        "origins": {"archive": 4, "data": 1, "http": 1},
        "origins_of_kept": {"archive": 2, "data": 1, "http": 1},
        "archive_matches": {"exact": 4, "fragment": 0, "scheme": 0, "escaping": 0},
        "formats": {"png": 2},
    }


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archives = [
        write_warc(
            tmp_path / f"in/{n}.warc", [(f"http://a.example/{n}/{k}.png", encoded(seed=k + n)) for k in range(3)]
        )
        for n in range(3)
    ]
    urls = [f"http://a.example/{n}/{k}.png" for n in range(3) for k in range(3)]
    outputs = []
    for workers, order in (("1", urls), ("2", urls[::-1])):
        monkeypatch.setenv("WEBPAIRS_WORKERS", workers)
        fetch(order, archives, LIMITS, None, tmp_path / f"scratch-{workers}", tmp_path / workers)
        outputs.append({path.name: digest(path.read_bytes()) for path in (tmp_path / workers).iterdir()})
    assert sorted(outputs[0]) == ["images-00000.tar", "verdicts.parquet"]
    assert outputs[0] == outputs[1]


def test_with_http_off_nothing_is_asked_for(tmp_path: Path, server: Server) -> None:
    url = server.url("/image.png")
    frame, _ = fetch([url], [], LIMITS, None, tmp_path / "scratch", tmp_path / "out")
    assert frame["verdict"].to_list() == ["not_in_archive_and_http_off"]
    assert not server.asked


def test_what_a_killed_run_has_downloaded_is_not_asked_for_again(tmp_path: Path, server: Server) -> None:
    urls = [server.url(f"/image.png?{number}") for number in range(3)]
    fetch(urls[:2], [], LIMITS, HTTP, tmp_path / "scratch", tmp_path / "killed")
    with (tmp_path / "scratch/downloaded.jsonl").open("a") as journal:
        journal.write(f'["{urls[2]}", "cut sh')
    frame, _ = fetch(urls, [], LIMITS, HTTP, tmp_path / "scratch", tmp_path / "out")
    assert frame["verdict"].to_list() == ["kept"] * 3
    assert server.asked == {f"/image.png?{number}": 1 for number in range(3)}


def test_limits_changed_after_a_kill_count_for_what_was_downloaded(tmp_path: Path, server: Server) -> None:
    url = server.url("/image.png")
    fetch([url], [], LIMITS, HTTP, tmp_path / "scratch", tmp_path / "killed")
    strict = replace(LIMITS, min_bytes=900_000)
    frame, _ = fetch([url], [], strict, HTTP, tmp_path / "scratch", tmp_path / "out")
    assert frame["verdict"].to_list() == ["too_few_bytes"]


def candidates(*urls: str) -> pl.DataFrame:
    return table(records.CANDIDATES, [{"image_url": url} for url in urls])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, archive: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    for folder in ("data/candidates", "data/archive"):
        (tmp_path / folder).mkdir(parents=True)
    candidates(A, B, SMALL).write_parquet("data/candidates/a.parquet")
    manifest = [("a.warc", "a", str(archive), "warc", archive.stat().st_size, digest(archive.read_bytes()))]
    pl.DataFrame(manifest, schema=records.MANIFEST, orient="row").write_parquet("data/archive/manifest.parquet")
    return tmp_path


def test_the_stage_writes_images_verdicts_and_metrics(project: Path) -> None:
    run_stage("fetch")
    assert sorted(path.name for path in (project / "data/images").iterdir()) == ["images-00000.tar", "verdicts.parquet"]
    assert json.loads((project / "metrics/fetch.json").read_text())["verdicts"] == {"kept": 2, "too_small": 1}
    assert (project / "metrics/fetch/verdicts.tsv").read_text() == "verdict\turls\nkept\t2\ntoo_small\t1\n"
    assert json.loads((project / "metrics/speed/fetch.json").read_text())["urls_per_second"] > 0
    assert not (project / ".scratch/fetch").exists()


def test_the_stage_asks_for_archives_with_images(project: Path) -> None:
    candidates().write_parquet(project / "data/candidates/a.parquet")
    with pytest.raises(WebpairsError, match=r"names an image: .*archive\.inputs"):
        run_stage("fetch")
    assert not (project / "data/images").exists()
