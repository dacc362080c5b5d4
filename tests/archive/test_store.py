import random
from pathlib import Path

import pytest

from tests.archive.remote import Site
from webpairs.archive import download, store
from webpairs.archive.kept import Failed, Missing

PIECE = 100_000
BODY = random.Random(1).randbytes(250_000)
OTHER = random.Random(2).randbytes(250_000)
URL = "s3://crawls/2024/a.warc.gz"
PATH = "/crawls/2024/a.warc.gz"


@pytest.fixture(autouse=True)
def _store(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "PIECE", PIECE)
    site.files = {
        PATH: BODY,
        "/crawls/2024/deep/b.warc.gz": b"b",
        "/crawls/2024/README.txt": b"no archive",
        "/crawls/odd[1].warc": b"odd",
        "/crawls/odd1.warc": b"another",
    }


@pytest.mark.parametrize(
    ("url", "names"),
    [
        (URL, ["2024/a.warc.gz"]),
        ("s3://crawls/2024", ["2024/a.warc.gz", "2024/deep/b.warc.gz"]),
        ("s3://crawls/2024/", ["2024/a.warc.gz", "2024/deep/b.warc.gz"]),
        ("s3://crawls", ["2024/a.warc.gz", "2024/deep/b.warc.gz", "odd1.warc", "odd[1].warc"]),
        ("s3://crawls/2024/*", ["2024/README.txt", "2024/a.warc.gz"]),
        ("s3://crawls/**/*.warc.gz", ["2024/a.warc.gz", "2024/deep/b.warc.gz"]),
        ("s3://crawls/odd[1].warc", ["odd[1].warc"]),
        ("s3://crawls/odd[2-9].warc", None),
        ("s3://crawls/away", None),
        ("s3://away/a.warc", None),
    ],
)
def test_objects_folders_and_patterns(url: str, names: list[str] | None) -> None:
    if names is None:
        with pytest.raises(Missing, match="no object of this name"):
            download.expand(url)
    else:
        assert download.expand(url) == [f"s3://crawls/{name}" for name in names]


def test_listings_are_not_remembered(site: Site) -> None:
    assert len(download.expand("s3://crawls/2024/")) == 2
    site.files |= {"/crawls/2024/c.warc.gz": b"c", PATH: OTHER}
    assert len(download.expand("s3://crawls/2024/")) == 3
    assert download.download(URL).read_bytes() == OTHER


def test_http_urls_stand_for_themselves(site: Site) -> None:
    assert download.expand(f"{site.base}/*") == [f"{site.base}/*"]
    assert site.asked == []


def test_objects_arrive_without_credentials_where_there_are_none(site: Site) -> None:
    assert download.download(URL).read_bytes() == BODY
    assert site.sent("range") == ["bytes=0-99999", "bytes=100000-199999", "bytes=200000-299999"]
    assert site.sent("authorization") == [None] * 3


@pytest.mark.parametrize("piece", [50_000, len(BODY), len(BODY) - 1, len(BODY) + 1])
def test_pieces_of_any_size_make_the_whole(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "PIECE", piece)
    assert download.download(URL).read_bytes() == BODY


@pytest.mark.usefixtures("new_client")
def test_credentials_of_the_environment_are_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    assert download.download(URL).read_bytes() == BODY
    for given in site.sent("authorization"):
        assert given is not None
        assert "Credential=someone/" in given
        assert "/eu-north-1/s3/" in given


def test_what_is_whole_is_not_read_again(site: Site) -> None:
    before = download.download(URL).stat()
    site.asked.clear()
    assert download.download(URL).stat().st_ino == before.st_ino
    assert site.paths("HEAD") == [PATH]
    assert site.paths("GET") == []
    site.files[PATH] = OTHER
    assert download.download(URL).read_bytes() == OTHER


def test_what_broke_off_is_gone_on_with(site: Site) -> None:
    site.cuts = [PIECE, 5]
    assert download.download(URL).read_bytes() == BODY
    assert site.sent("range") == ["bytes=0-99999", *["bytes=100000-199999"] * 2, "bytes=200000-299999"]


def test_the_next_run_goes_on_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    site.cuts = [PIECE, 5]
    with pytest.raises(Failed):
        download.download(URL)
    site.asked.clear()
    assert download.download(URL).read_bytes() == BODY
    assert site.sent("range") == ["bytes=100000-199999", "bytes=200000-299999"]


def test_an_object_that_changes_meanwhile_is_fetched_anew(site: Site) -> None:
    # Before the second piece: the first request is the HEAD.
    site.before = [lambda: None, lambda: None, lambda: site.files.update({PATH: OTHER})]
    assert download.download(URL).read_bytes() == OTHER


def test_too_large_objects_are_refused_unread(site: Site) -> None:
    with pytest.raises(Failed, match="more than 1,000 bytes"):
        download.download(URL, max_bytes=1000)
    assert site.paths("GET") == []


def test_missing_objects_are_asked_for_once(site: Site) -> None:
    with pytest.raises(Missing, match="no object of this name"):
        download.download("s3://crawls/away.warc")
    assert site.paths("HEAD") == ["/crawls/away.warc"]


def test_denied_access_says_what_to_do(site: Site) -> None:
    site.answers = [(403, {})]
    with pytest.raises(Failed, match="set or correct the credentials") as caught:
        download.download(URL)
    assert caught.value.final
    assert len(site.asked) == 1


@pytest.mark.parametrize(("status", "pause"), [(500, 0.5), (503, 5.0)])
def test_passing_failures_are_tried_again_here_alone(
    site: Site, status: int, pause: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(download, "PAUSE", 0.5)
    monkeypatch.setattr(download, "BUSY_PAUSE", 5.0)
    monkeypatch.setattr("webpairs.archive.download.time.sleep", pauses.append)
    site.answers = [(status, {})] * 2
    assert download.download(URL).read_bytes() == BODY
    assert pauses == [pause, 2 * pause]
    assert len(site.asked) == 2 + 1 + 3


def test_bad_names_are_failures_with_a_reason() -> None:
    with pytest.raises(Failed, match="names no bucket"):
        download.expand("s3:///a.warc")
    with pytest.raises(Failed, match="bucket name") as caught:
        download.expand("s3://no bucket/a.warc")
    assert caught.value.final


@pytest.mark.usefixtures("new_client")
def test_nobody_listening(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(Failed, match="Could not connect"):
        download.download(URL)
    assert not list(tmp_path.glob(".scratch/archive/downloads/*"))
