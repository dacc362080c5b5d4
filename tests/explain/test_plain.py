"""Nothing in a text from the web acts on a terminal, and no line is too long."""

import pytest

from webpairs.explain.plain import Sheet, columns, harmless, one_line, wrap


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("a\x9b2Jb", r"a\x9b2Jb"),
        ("a\rb\x00c\x7f\x08", r"a\x0db\x00c\x7f\x08"),
        ("gpj.\u202eexe\u202c", r"gpj.\u202eexe\u202c"),
        ("\u2066a\u2069\u200f\u061c", r"\u2066a\u2069\u200f\u061c"),
        ("a\u2028b\u2029c\ufeff", r"a\u2028b\u2029c\ufeff"),
        ("hidden\U000e0041", r"hidden\U000e0041"),
        ("half\ud800", r"half\ud800"),
        ("a\tb\u00a0c\u3000d", "a b c d"),
        ("two\nlines", "two\nlines"),
        ("Grüße, 写真, صورة, 👩\u200d👧, می\u200cخواهم", "Grüße, 写真, صورة, 👩\u200d👧, می\u200cخواهم"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_as_its_code(text: str, shown: str) -> None:
    assert harmless(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "a few words " * 30,
        "http://a.example/" + "long/" * 60 + "?and=" + "x" * 300,
        "写真の説明がここにあります。" * 20,
        "mixed " + "写" * 90 + " words, e\u0301 and http://a.example/" + "y" * 200,
        "\x1b" * 100,
        "",
    ],
)
@pytest.mark.parametrize("width", [10, 78])
def test_lines_are_short_and_lose_nothing(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert max(map(columns, lines)) <= width
    assert "".join("".join(lines).split()) == "".join(harmless(text).split())


def test_lines_are_full() -> None:
    assert wrap("aaa bbb ccc ddd", 7) == ["aaa bbb", "ccc ddd"]
    assert wrap("one\n\ntwo", 7) == ["one", "", "two"]


def test_long_words_are_broken_behind_a_sign_where_there_is_one() -> None:
    assert wrap("see http://a.example/some/where/else", 24) == ["see http://a.example/", "some/where/else"]


def test_wide_characters_take_two_columns() -> None:
    assert columns("写真a") == 5
    assert columns("e\u0301") == 1
    assert one_line("写真写真", 5) == "写真…"
    assert one_line("a\n b\x1b", 10) == r"a b\x1b"


def test_headings_are_bold_where_wanted_and_nothing_else_is() -> None:
    for bold, heading in ((True, "\x1b[1mA\\x1b[1mhead\x1b[0m"), (False, "A\\x1b[1mhead")):
        sheet = Sheet(bold)
        sheet.heading("A\x1b[1mhead")
        sheet.field("label\x1b[2J", "text\x1b[2J")
        assert sheet.text().splitlines() == [heading, r"  label\x1b[2J      text\x1b[2J"]


def test_a_long_label_stands_above_its_text() -> None:
    sheet = Sheet(False)
    sheet.field("json_ld_about_description", "text")
    assert sheet.text().splitlines() == ["  json_ld_about_description", " " * 20 + "text"]
