"""Charsets, chosen as browsers do."""

import codecs

import pytest

from webpairs.page.charset import to_text

WORD = "Größe"


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (WORD.encode(), "text/html", WORD),
        (WORD.encode("latin-1"), "text/html; charset=ISO-8859-1", WORD),
        (b"<meta charset=windows-1252>" + WORD.encode("cp1252"), "", "<meta charset=windows-1252>" + WORD),
        ("Привет".encode("cp1251"), 'text/html; charset="windows-1251"', "Привет"),
        ("图书馆".encode("gbk"), "text/html;charset=gb2312", "图书馆"),
        (codecs.BOM_UTF8 + WORD.encode(), "text/html; charset=latin1", WORD),
        (codecs.BOM_UTF16_LE + WORD.encode("utf-16-le"), "", WORD),
        (b"\x93quoted\x94", "text/html; charset=iso-8859-1", "“quoted”"),
    ],
)
def test_declared(body: bytes, content_type: str, expected: str) -> None:
    assert to_text(body, content_type) == expected


def test_header_goes_before_meta_and_an_unknown_one_is_passed_over() -> None:
    body = b"<meta charset=latin1>" + WORD.encode()
    assert to_text(body, "text/html; charset=utf-8").endswith(WORD)
    assert to_text(b"<meta charset=utf-8>" + WORD.encode(), "text/html; charset=nonsense").endswith(WORD)


def test_meta_in_a_comment_or_of_utf_16_says_nothing() -> None:
    assert to_text(b"<!-- <meta charset=latin1> -->" + WORD.encode(), "").endswith(WORD)
    assert to_text(b"<meta charset=utf-16>" + WORD.encode(), "").endswith(WORD)


def test_undeclared_is_guessed() -> None:
    text = "Съешь же ещё этих мягких французских булок, да выпей чаю. " * 5
    assert to_text(text.encode("cp1251"), "") == text


def test_broken_bytes_are_replaced() -> None:
    assert to_text(b"a\xffb", "text/html; charset=utf-8") == "a\ufffdb"
