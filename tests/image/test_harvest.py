from pathlib import Path

import pytest

from tests.image.archives import write_warc
from tests.image.pictures import LIMITS, encoded
from webpairs.errors import WebpairsError
from webpairs.image.harvest import harvest
from webpairs.image.spool import Spool

URL = "http://a.example/x.png"


def test_only_wanted_images_are_held_and_their_match_is_told(tmp_path: Path) -> None:
    archive = write_warc(
        tmp_path / "a.warc",
        [
            (URL, encoded(seed=1)),
            ("https://a.example/y.png", encoded(seed=2)),
            ("http://a.example/two%20words.png", encoded(seed=3)),
            ("http://a.example/unwanted.png", encoded(seed=4)),
        ],
    )
    urls = [URL, "http://a.example/y.png", "http://a.example/two words.png", f"{URL}#left", "http://a.example/none.png"]
    found = harvest(urls, [archive], LIMITS, tmp_path / "scratch")
    assert {url: item.match for url, item in found.items()} == {
        URL: "exact",
        f"{URL}#left": "fragment",
        "http://a.example/y.png": "scheme",
        "http://a.example/two words.png": "escaping",
    }
    spool = Spool(tmp_path / "scratch/spool")
    assert spool.path(found["http://a.example/y.png"].sha256).read_bytes() == encoded(seed=2)
    assert sum(path.is_file() for path in spool.folder.rglob("*")) == 3


def test_the_best_match_counts_then_the_first(tmp_path: Path) -> None:
    first = write_warc(tmp_path / "1.warc", [("https://a.example/x.png", encoded(seed=1))])
    second = write_warc(tmp_path / "2.warc", [(URL, encoded(seed=2)), (URL, encoded(seed=3))])
    third = write_warc(tmp_path / "3.warc", [(URL, encoded(seed=4))])
    found = harvest([URL], [first, second, third], LIMITS, tmp_path / "scratch")
    assert (found[URL].match, found[URL].sha256) == ("exact", Spool.digest(encoded(seed=2)))


def test_a_capture_of_a_hopeless_size_yields_to_a_better_one(tmp_path: Path) -> None:
    archive = write_warc(tmp_path / "a.warc", [(URL, encoded(1, 1)), ("https://a.example/x.png", encoded())])
    found = harvest([URL], [archive], LIMITS, tmp_path / "scratch")
    assert (found[URL].match, found[URL].bytes) == ("scheme", len(encoded()))


def test_bytes_of_a_hopeless_size_are_not_held(tmp_path: Path) -> None:
    archive = write_warc(tmp_path / "a.warc", [(URL, encoded(1, 1))])
    found = harvest([URL], [archive], LIMITS, tmp_path / "scratch")
    assert found[URL].hopeless
    assert not (tmp_path / "scratch/spool").exists()


def test_error_pages_are_not_images(tmp_path: Path) -> None:
    archive = write_warc(tmp_path / "a.warc", [(URL, encoded())], "404 Not Found")
    assert harvest([URL], [archive], LIMITS, tmp_path / "scratch") == {}


def test_an_archive_that_vanished_is_named(tmp_path: Path) -> None:
    with pytest.raises(WebpairsError, match=r"gone\.warc can't be read any more"):
        harvest([URL], [tmp_path / "gone.warc"], LIMITS, tmp_path / "scratch")
