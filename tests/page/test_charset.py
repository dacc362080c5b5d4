"""Charsets, chosen as browsers do."""

import codecs

import pytest

from webpairs.page.charset import decode


def to_text(body: bytes, content_type: str) -> str:
    return decode(body, content_type).markup.decode()


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
        ("日本語".encode("euc_jp"), "text/html; charset=EUC-JP", "日本語"),
        ("日本語①".encode("cp932"), "text/html; charset=Shift_JIS", "日本語①"),
        ("한국어".encode("cp949"), "text/html; charset=ks_c_5601-1987", "한국어"),
        ("\u0e44\u0e17\u0e22".encode("cp874"), "text/html; charset=tis-620", "\u0e44\u0e17\u0e22"),
        (WORD.encode(), "text/html; charset=iso-8559-1", WORD),
        (WORD.encode(), "text/html; charset=auto", WORD),
        (b"<?xml version='1.0' encoding='windows-1252'?>" + WORD.encode("cp1252"), "", None),
        (b"a\x81b", "text/html; charset=windows-1252", "a\x81b"),
        (b"\x93quoted\x94", "text/html; charset=iso-8859-1", "“quoted”"),
    ],
)
def test_declared(body: bytes, content_type: str, expected: str | None) -> None:
    text = to_text(body, content_type)
    assert text == expected or (expected is None and text.endswith(WORD))


@pytest.mark.parametrize(
    ("body", "content_type", "named_by"),
    [
        (codecs.BOM_UTF8, "text/html; charset=latin1", "bom"),
        (b"x", "text/html; charset=latin1", "header"),
        (b"<meta charset=latin1>", "text/html; charset=auto", "meta"),
        (b"<?xml version='1.0' encoding='latin1'?>", "", "xml"),
        (b"x", "text/html", "guess"),
    ],
)
def test_who_names_the_charset(body: bytes, content_type: str, named_by: str) -> None:
    assert decode(body, content_type).named_by == named_by


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
    assert decode(b"a\xffb\xfe" + "\ufffd".encode(), "text/html; charset=utf-8").replaced == 3
    assert decode(WORD.encode(), "").replaced == 0
