"""The contenders read the same pages; the careful script finds what a careful user would want."""

from pathlib import Path

import pytest

from bench import launch
from tests.bench.conftest import HARBOUR


@pytest.mark.parametrize("contender", ["obvious", "webpairs_extract", "limit"])
def test_a_contender_counts_the_pages_in_a_process_of_its_own(contender: str, archive: Path, work: Path) -> None:
    result, memory = launch.run(contender, [archive])
    assert result.pages == 2
    assert result.images == (None if contender == "limit" else 3)
    assert result.cpu > 0
    assert memory.own_mb >= result.memory_mb > 10
    assert "fastwarc" in result.versions
    assert list(work.iterdir()) == []


def test_the_careful_script_finds_urls_alts_and_the_text_around(archive: Path) -> None:
    pytest.importorskip("bs4", reason="comes with `make bench`")
    from bench.contenders import careful

    assert careful.run([archive], archive.parent) == (2, 3)
    assert careful.rows(HARBOUR, "text/html; charset=utf-8", "http://a.example/1") == [
        (
            "http://a.example/1",
            "http://a.example/pictures/boat.jpg",
            "A red boat",
            "The harbour Boats lie in the harbour. More boats ",
            "Nets dry on the quay.",
        ),
        (
            "http://a.example/1",
            "http://a.example/lazy.jpg",
            "",
            "The harbour Boats lie in the harbour. More boats ",
            "Nets dry on the quay.",
        ),
    ]


def test_the_careful_script_knows_charsets() -> None:
    pytest.importorskip("bs4", reason="comes with `make bench`")
    from bench.contenders import careful

    page = "<p>Ёлка</p><img src=a.png alt=Ёж>".encode("windows-1251")
    assert careful.rows(page, "text/html; charset=windows-1251", "http://a.example/")[0].before == "Ёлка"
    declared = b"<meta charset=windows-1251>" + page
    assert careful.rows(declared, "text/html", "http://a.example/")[0].alt == "Ёж"
