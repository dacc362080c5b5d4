import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.archive.remote import Site, etag
from webpairs.archive import download, kept
from webpairs.archive.download import Failed
from webpairs.archive.kept import Kept, Missing, Version

BODY = random.Random(1).randbytes(300_000)
OTHER = random.Random(2).randbytes(300_000)


@pytest.fixture
def url(site: Site) -> str:
    site.files["/a.warc"] = BODY
    return f"{site.base}/a.warc"


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that would have been made."""
    made: list[float] = []
    monkeypatch.setattr(download, "BUSY_PAUSE", 5.0)
    monkeypatch.setattr(download, "PAUSE", 0.5)
    monkeypatch.setattr("webpairs.archive.download.time.sleep", made.append)
    return made


def fails(url: str, reason: str, max_bytes: int = download.MAX_BYTES) -> Failed:
    with pytest.raises(Failed, match=reason) as caught:
        download.download(url, max_bytes)
    return caught.value


def arrived() -> list[int]:
    """The sizes of all bodies in the scratch folder, whole or not."""
    folder = Path(".scratch/archive/downloads")
    return [file.stat().st_size for file in folder.iterdir() if file.suffix in (".whole", ".partial")]


def test_the_bytes_arrive_as_they_are(site: Site, url: str) -> None:
    # Servers label archives so; the file itself is meant.
    site.headers["Content-Encoding"] = "gzip"
    assert download.download(url).read_bytes() == BODY
    assert site.sent("accept-encoding") == ["identity"]


def test_redirects_are_followed(site: Site, url: str) -> None:
    site.answers = [(302, {"Location": "/b"}), (301, {"Location": url})]
    assert download.download(f"{site.base}/first").read_bytes() == BODY
    assert site.paths() == ["/first", "/b", "/a.warc"]


def test_what_broke_off_is_gone_on_with(site: Site, url: str) -> None:
    site.cuts = [100_000, 50_000]
    assert download.download(url).read_bytes() == BODY
    assert site.sent("range") == [None, "bytes=100000-", "bytes=150000-"]
    assert site.sent("if-range") == [None, etag(BODY), etag(BODY)]
    assert arrived() == [len(BODY)]


def test_the_next_run_goes_on_too(site: Site, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    site.cuts = [100_000]
    fails(url, "RemoteProtocolError")
    assert arrived() == [100_000]
    assert download.download(url).read_bytes() == BODY
    assert site.sent("range") == [None, "bytes=100000-"]


def test_a_killed_process_leaves_what_can_be_gone_on_with(site: Site, url: str) -> None:
    site.cuts, site.held = [200_000], threading.Event()
    code = f"from webpairs.archive.download import download; download({url!r})"
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        try:
            wait_until(lambda: Path(".scratch/archive/downloads").is_dir() and 200_000 in arrived())
        finally:
            process.send_signal(signal.SIGKILL)
    site.held.set()
    site.held = None
    assert download.download(url).read_bytes() == BODY
    assert site.sent("range") == [None, "bytes=200000-"]


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_process_killed_at_the_very_end_asks_for_nothing_more(site: Site, url: str) -> None:
    arriving = Kept(url)
    arriving.begin(Version(etag(BODY), size=len(BODY)))
    arriving.append([BODY], "a", len(BODY))
    assert download.download(url).read_bytes() == BODY
    assert site.sent("if-none-match") == [etag(BODY)]


def test_a_server_without_ranges_sends_all_again(site: Site, url: str) -> None:
    site.ranges, site.cuts = False, [100_000]
    assert download.download(url).read_bytes() == BODY
    assert site.sent("range") == [None, "bytes=100000-"]


@pytest.mark.parametrize("headers", [{"ETag": None, "Last-Modified": None}, {"ETag": 'W/"1"'}])
def test_nothing_is_gone_on_with_where_the_server_does_not_say_what_it_is_of(
    site: Site, url: str, headers: dict[str, str | None]
) -> None:
    site.headers, site.cuts = headers, [100_000]
    assert download.download(url).read_bytes() == BODY
    assert site.sent("range") == [None, None]


def test_without_an_etag_the_time_of_change_does(site: Site, url: str) -> None:
    site.headers, site.cuts, site.conditions = {"ETag": None}, [100_000], False
    assert download.download(url).read_bytes() == BODY
    assert site.sent("if-range") == [None, "Mon, 01 Jan 2024 00:00:00 GMT"]


@pytest.mark.parametrize("conditions", [True, False], ids=["", "and-a-server-that-sends-the-new-rest"])
@pytest.mark.parametrize("new", [OTHER, OTHER[:50_000]], ids=["other", "shorter"])
def test_a_file_that_changed_meanwhile_is_fetched_anew(site: Site, url: str, conditions: bool, new: bytes) -> None:
    site.conditions, site.cuts = conditions, [100_000]
    site.before = [lambda: None, lambda: site.files.update({"/a.warc": new})]
    assert download.download(url).read_bytes() == new
    assert arrived() == [len(new)]


@pytest.mark.parametrize("given", ["bytes 5-9/300000", "bytes 100000-299999/300001", "100000-299999", ""])
def test_another_part_than_the_one_asked_for_is_refused(site: Site, url: str, given: str) -> None:
    site.cuts = [100_000]
    site.before = [lambda: None, lambda: site.answers.append((206, {"ETag": etag(BODY), "Content-Range": given}))]
    assert download.download(url).read_bytes() == BODY
    assert site.sent("range") == [None, "bytes=100000-", None]


def test_what_is_whole_is_only_asked_about(site: Site, url: str) -> None:
    before = download.download(url).stat()
    after = download.download(url).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert site.sent("if-none-match") == [None, etag(BODY)]
    assert site.sent("if-modified-since") == [None, "Mon, 01 Jan 2024 00:00:00 GMT"]


def test_a_server_without_conditions_is_believed_by_its_etag(site: Site, url: str) -> None:
    site.conditions = False
    before = download.download(url).stat()
    assert download.download(url).stat().st_ino == before.st_ino
    site.files["/a.warc"] = OTHER
    assert download.download(url).read_bytes() == OTHER


def test_without_validators_all_is_fetched_again(site: Site, url: str) -> None:
    site.headers = {"ETag": None, "Last-Modified": None}
    download.download(url)
    site.files["/a.warc"] = OTHER
    assert download.download(url).read_bytes() == OTHER


def test_a_whole_file_is_never_written_to(site: Site, url: str) -> None:
    Path("linked").hardlink_to(download.download(url))
    site.files["/a.warc"] = OTHER
    assert download.download(url).read_bytes() == OTHER
    assert Path("linked").read_bytes() == BODY


def test_lost_notes_on_what_arrived_mean_fetching_anew(site: Site, url: str) -> None:
    for content in (b"", b"{", b"[]", b'{"x": 1}'):
        site.asked.clear()
        download.download(url)
        [notes] = Path(".scratch/archive/downloads").glob("*.json")
        notes.write_bytes(content)
        assert download.download(url).read_bytes() == BODY
        assert site.sent("if-none-match")[-1] is None


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_passing_failures_are_tried_again(site: Site, url: str, status: int) -> None:
    site.answers = [(status, {})] * (download.ATTEMPTS - 1)
    assert download.download(url).read_bytes() == BODY


def test_pauses_grow_and_are_longer_where_the_server_is_busy(site: Site, url: str, pauses: list[float]) -> None:
    site.answers = [(500, {})] * 5
    fails(url, "status 500")
    assert pauses == [0.5, 1.0, 2.0, 4.0]
    pauses.clear()
    site.answers = [(503, {})] * 5
    fails(url, "status 503")
    assert pauses == [5.0, 10.0, 20.0, 40.0]


def test_pauses_are_those_that_the_server_asks_for(site: Site, url: str, pauses: list[float]) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(days=40), usegmt=True)
    site.answers = [(503, {"Retry-After": given}) for given in ("7", soon, past, "in a while")]
    download.download(url)
    assert pauses[0] == 7.0
    assert 10 < pauses[1] <= 40
    assert pauses[2:] == [0.0, 40.0]


def test_too_long_a_pause_is_not_made(site: Site, url: str, pauses: list[float]) -> None:
    site.answers = [(429, {"Retry-After": "3600"})]
    assert fails(url, "status 429, to be tried again in 3,600 seconds").final
    assert pauses == []


def test_final_answers_are_asked_for_once(site: Site, url: str) -> None:
    assert isinstance(fails(f"{site.base}/away", "status 404"), Missing)
    site.answers = [(403, {})]
    assert not isinstance(fails(url, "status 403"), Missing)
    assert len(site.asked) == 2


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://localhost:9/", "redirected to localhost, in a private network"),
        ("http://127.0.0.2:9/", "redirected to 127.0.0.2, in a private network"),
        ("http://[::1]:9/", "redirected to ::1, in a private network"),
        ("http://10.0.0.1/", "redirected to 10.0.0.1, in a private network"),
        ("http://no-such-host.invalid/", "which has no address"),
        ("file:///etc/hosts", "redirected to file"),
        ("http://[", "no URL that can be asked for"),
        ("/again", "more than 5 redirects"),
    ],
)
def test_redirects_lead_neither_into_private_networks_nor_nowhere(site: Site, location: str, reason: str) -> None:
    site.answers = [(302, {"Location": location})] * 40
    fails(f"{site.base}/again", reason)
    assert arrived() == []


def test_a_body_that_is_declared_too_large_is_not_read(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Kept, "append", lambda *_: pytest.fail("it was read"))
    fails(url, "more than 1,000 bytes", max_bytes=1000)


@pytest.mark.parametrize("headers", [{}, {"Content-Length": None}], ids=["declared", "undeclared"])
def test_too_large_bodies_are_refused_and_leave_nothing(site: Site, url: str, headers: dict[str, str | None]) -> None:
    site.headers = headers
    fails(url, "more than 1,000 bytes", max_bytes=1000)
    assert arrived() == []
    assert len(site.asked) == 1


def test_a_body_of_undeclared_size_arrives(site: Site, url: str) -> None:
    site.headers = {"Content-Length": None}
    assert download.download(url).read_bytes() == BODY


def test_a_file_that_got_too_large_is_forgotten(site: Site, url: str) -> None:
    download.download(url)
    site.files["/a.warc"] = OTHER
    fails(url, "more than 1,000 bytes", max_bytes=1000)
    assert arrived() == []


def test_attempts_that_bring_something_do_not_count(site: Site, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "STEP", 10_000)
    site.cuts = [10_000] * 29
    assert download.download(url).read_bytes() == BODY
    assert len(site.asked) == 30


def test_a_server_that_always_breaks_off_is_given_up(site: Site, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "STEP", 10_000)
    site.ranges, site.cuts = False, [10_000, 30_000] * 100
    fails(url, "RemoteProtocolError")
    assert len(site.asked) == 1 + download.ATTEMPTS


def test_a_server_that_only_trickles_is_given_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "WINDOW", 0.0)
    monkeypatch.setattr(kept, "SLOWEST", 10**12)
    fails(url, "slower than 1,000,000,000,000 bytes a second")


@pytest.mark.usefixtures("file_limit")
def test_a_full_disk_is_a_failure_that_says_so(url: str) -> None:
    assert fails(url, "can't be written here: File too large").final


@pytest.fixture
def file_limit() -> Iterator[None]:
    """No file gets larger than 100,000 bytes: as good as a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("site")
def test_more_bytes_than_there_should_be_are_forgotten_and_fewer_kept() -> None:
    arriving = Kept("http://a.example/")
    arriving.begin(Version('"x"', size=5))
    for content, reason, length in ((b"1234", "cut off after 4 of 5 bytes", 4), (b"56", "more than the 5 bytes", 0)):
        arriving.append([content], "a", 10)
        with pytest.raises(Failed, match=reason):
            arriving.finish()
        assert arriving.length == length
        assert not arriving.whole


def test_versions() -> None:
    known = Version('"x"', "Mon", 3)
    assert known.same(Version('"x"', "Tue", 3))
    assert known.same(Version('"x"', None, None))
    assert not known.same(Version('"x"', "Mon", 4))
    assert not known.same(Version('"y"', "Mon", 3))
    assert not known.same(Version(None, "Mon", 3))
    assert Version(None, "Mon", 3).same(Version(None, "Mon", 3))
    assert not Version(size=3).same(Version(size=3)), "the same size proves nothing"


def test_probing_reads_no_body_and_fails_alike(site: Site, url: str) -> None:
    download.probe(url)
    with pytest.raises(Failed, match="status 404"):
        download.probe(f"{site.base}/away")


@pytest.mark.usefixtures("site")
def test_nobody_listening() -> None:
    fails("http://127.0.0.1:9/a.warc", "ConnectError")
