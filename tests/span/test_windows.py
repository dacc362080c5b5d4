"""What is known of an image before its text is fitted into a window."""

import polars as pl
import pytest

from webpairs.span.windows import Texts, file_name, texts_of


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://a.example/x/Red-Owl_2.large.jpg?w=3", "Red Owl large"),
        ("http://a.example/x/%C3%9Cber%20uns.png", "Über uns"),
        ("http://a.example/x/", "x"),
        ("http://a.example", ""),
        ("data:image/png;base64,Red/Owl", ""),
        ("http://a.example/0042.jpg", ""),
    ],
)
def test_file_names(url: str, words: str) -> None:
    assert file_name(url) == words


def test_what_is_not_known_is_empty() -> None:
    rows = {
        "text_before": ["a", None],
        "text_after": ["b", None],
        "alt": ["c", None],
        "image_url": ["http://x/d.png", None],
    }
    assert texts_of(pl.DataFrame(rows)) == [Texts("a", "b", "c", "d"), Texts("", "", "")]
