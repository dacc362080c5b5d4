"""Pages that were captured more than once."""

from typing import Any

import polars as pl

from webpairs.page.captures import repeated


def captures(*rows: tuple[str, str, str]) -> pl.DataFrame:
    """Captures of (URL, date, body), in the order of one archive; `page_id` is their number."""
    made: list[dict[str, Any]] = [
        {"page_id": str(number), "archive": "a", "record_offset": number, "record_number": 0}
        | {"charset_named_by": "header", "record_digest": body, "page_url": url, "page_date": date}
        for number, (url, date, body) in enumerate(rows)
    ]
    return pl.DataFrame(made)


def left_out(*rows: tuple[str, str, str]) -> tuple[list[str], list[str]]:
    by_url, by_body = repeated(captures(*rows))
    return sorted(by_url), sorted(by_body)


def test_the_latest_capture_of_a_url_stays() -> None:
    assert left_out(
        ("http://x.example/", "2024-01-02", "one"),
        ("https://x.example/#top", "2024-01-03", "two"),
        ("http://x.example/", "2024-01-01", "three"),
        ("http://x.example/other", "2024-01-01", "four"),
    ) == (["0", "2"], [])


def test_of_the_same_date_the_first_stays() -> None:
    assert left_out(("http://x.example/", "2024", "one"), ("http://x.example/", "2024", "two")) == (["1"], [])


def test_the_same_body_on_one_host_is_the_same_page() -> None:
    assert left_out(
        ("http://x.example/", "2024-01-01", "one"),
        ("http://x.example/index.html", "2024-01-02", "one"),
        ("http://y.example/", "2024-01-01", "one"),
        ("http://x.example/p?session=1", "2024-01-01", "two"),
    ) == ([], ["0"])


def test_a_page_with_text_stays_before_one_of_links() -> None:
    rows = captures(("http://x.example/", "2025", "one"), ("http://x.example/", "2024", "two"))
    rows = rows.with_columns(charset_named_by=pl.Series(["wat", "header"]))
    assert list(repeated(rows)[0]) == ["0"]
