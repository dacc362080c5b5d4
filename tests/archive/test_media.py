"""Which bodies are pages."""

import pytest

from webpairs.archive.media import PageBy, is_html, may_be_page, page_by

HTML = b"<!DOCTYPE html><html><p>Hello"


@pytest.mark.parametrize(
    ("media_type", "body", "by"),
    [
        ("text/html", HTML, "type"),
        ("text/html", b"Hello", "type"),
        ("text/html", b"", "type"),
        ("application/xhtml+xml", b"<?xml version='1.0'?><html>", "type"),
        # Nothing is said, or nothing that is a type.
        ("", HTML, "body"),
        ("*/*", HTML, "body"),
        ("unknown/unknown", b"\n\t <HTML>", "body"),
        ("application/unknown", b"<p>", "body"),
        ("html", HTML, "body"),
        ("text/html charset=utf-8", HTML, "body"),
        ("text/html, text/html", HTML, "body"),
        ("", b"\xef\xbb\xbf<!-- a --><!-- b -->\n<html>", "body"),
        ("", b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC ''>", "body"),
        ("", "\ufeff<html><p>".encode("utf-16-le"), "body"),
        ("", "\ufeff<html><p>".encode("utf-16-be"), "body"),
        ("", b"<!-- " + b"x" * 20000, "body"),
        ("", b"<script>", "body"),
        ("", b"<a href=''>", "body"),
        ("", b"<abbr>", ""),
        ("", b"<svg xmlns=''>", ""),
        ("", b"<!-- a --><svg>", ""),
        ("", b"<rss>", ""),
        ("", b"Hello <p>", ""),
        ("", b"{}", ""),
        ("", b"", ""),
        # XHTML that is sent as XML is shown as a page.
        ("text/xml", b"<?xml version='1.0'?><html xmlns=''>", "body"),
        ("application/xml", b"<html>", "body"),
        ("application/xml", b"<rss>", ""),
        ("text/xml", b"<p>", ""),
        ("text/plain", HTML, "text"),
        ("text/plain", b"<!-- a --><html>", "text"),
        ("text/plain", b"<p>", ""),
        ("text/plain", b"<!-- a", ""),
        ("text/plain", b"How to write <html>", ""),
        # Types that browsers believe.
        ("application/json", HTML, ""),
        ("application/octet-stream", HTML, ""),
        ("text/css", HTML, ""),
        ("image/png", HTML, ""),
        # Labels that lie.
        ("text/html", b"\xff\xd8\xff\xe0..JFIF", ""),
        ("text/html", b"\x89PNG\r\n\x1a\n", ""),
        ("text/html", b"GIF89a", ""),
        ("text/html", b"RIFF1234WEBPVP8", ""),
        ("text/html", b"\0\0\0 ftypavif", ""),
        ("text/html", b"%PDF-1.4", ""),
        ("text/html", b"PK\x03\x04", ""),
        ("text/html", b"\x1f\x8b\x08", ""),
        ("", b"\0\0\1\0", ""),
    ],
)
def test_page_by(media_type: str, body: bytes, by: PageBy) -> None:
    assert page_by(media_type, body) == by
    assert is_html(media_type, body) is (by != "")
    assert may_be_page(media_type) or by == ""


@pytest.mark.parametrize("media_type", ["image/png", "application/json", "text/css", "application/octet-stream"])
def test_what_is_never_a_page_need_not_be_read(media_type: str) -> None:
    assert not may_be_page(media_type)


def test_hostile_beginnings_cost_little() -> None:
    for lead in (b"<!---->" * 100_000, b"<?a?>" * 100_000, b"<!--" * 100_000, b" " * 1_000_000, b"<!--" + b"-" * 10**6):
        assert page_by("text/plain", lead + HTML) == ""
