"""Where a text of an image stands in the text around it, seen through what extraction says of titles."""

from random import Random

import pytest

from tests.page.test_candidates import URL
from webpairs.page.candidates import Origin, extract
from webpairs.page.counts import Counts
from webpairs.page.normalise import find, words
from webpairs.page.text import tidy

BEFORE, AFTER = 200, 250
FILLER = "<p>" + "word " * 100 + "</p>"


def places(html: str, before: int = BEFORE, after: int = AFTER) -> tuple[str, list[tuple[int, int]]]:
    """The text of a page, and where in it the titles of its images stand, image by image."""
    page = extract(html.encode(), Origin("a", "d" * 64, 17, 0, URL, "", "text/html"), before, after, Counts())
    assert page is not None
    found = [text for candidate in page.candidates for text in candidate.texts if text.source == "title"]
    return page.text, [(text.start, text.end) for text in found]


def located(title: str, before: str, after: str) -> str | None:
    """What stands at the place of a title."""
    whole, [(start, end)] = places(f'{before}<img src=a.png title="{title}">{after}')
    assert (start < 0) == (end < 0)
    return whole[start:end] if start >= 0 else None


@pytest.mark.parametrize(
    ("title", "text", "there"),
    [
        ("A red boat", "Here: A red boat.", "A red boat"),
        ("red boat", "One RED Boat", "RED Boat"),
        ("RED BOAT", "one red boat", "red boat"),
        ("red   boat", "red\n boat", "red boat"),
        ("red boat", "<b>re</b>d&nbsp;<i>boat</i>", "red boat"),
        ("red boat", "<p>red</p><p>boat</p>", "red\nboat"),
        ("red boat", "red, the (boat)", "red, the (boat"),
        ("a red, boat!", "red boat", "red boat"),
        ("the red boat", "red boat", "red boat"),
        ("cafe\u0301", "CAFÉ", "CAFÉ"),
        ("café", "cafe\u0301", "café"),
        ("boats crew", "the boat's crew", "boat's crew"),
        ("boat’s crew", "the boats crew", "boats crew"),
        ("boat's", "boat’s", "boat’s"),
        ("İstanbul", "istanbul", "istanbul"),
        ("istanbul", "in İSTANBUL", "İSTANBUL"),
        ("red_boat", "red boat", "red boat"),
        ("图书馆", "这是图书馆内", "图书馆"),
        ("&lt;b&gt;", "<p>&lt;b&gt;", "<b>"),
        ("1900", "in 1900.", "1900"),
    ],
)
@pytest.mark.parametrize("side", ["before", "after"])
def test_texts_are_found_as_they_are_compared(side: str, title: str, text: str, there: str) -> None:
    assert located(title, text, "") == there if side == "before" else located(title, "", text) == there


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("boat", "boats"),
        ("boat", "lifeboat"),
        ("boat", "boat's"),
        ("boat", "o'boat"),
        ("red boat", "red the big boat"),
        ("red boat", "boat red"),
        ("red boat", "red"),
        ("...", "..."),
        ("the", "the"),
        ("cafe", "café"),
        ("strasse", "straße"),
        ("1900", "19000"),
        ("red boat", "red<script>boat</script>"),
        ("boat " * 600, "boat " * 30),
    ],
)
def test_what_is_not_the_same_words_is_not_found(title: str, text: str) -> None:
    assert located(title, f"<p>{text}</p>", f"<p>{text}</p>") is None


def test_a_text_across_the_image_is_not_found() -> None:
    assert located("red boat", "red ", " boat") is None
    assert located("red boat", "<p>red</p>", "<p>boat</p>") is None
    assert located("redboat", "red", "boat") is None
    assert located("red boat", "red ", " boat, a red boat") == "red boat"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("boat far away, boat near ", " boat", 2),
        ("boat far, far away ", " boat near, boat", 1),
        ("boat ", " and and boat", 0),
        ("boat and and ", " boat", 1),
        ("boat boat boat ", "", 2),
        ("", " boat boat boat", 0),
    ],
)
def test_the_nearest_to_the_image_wins(before: str, after: str, expected: int) -> None:
    whole, [(start, end)] = places(f"{before}<img src=a.png title=boat>{after}")
    assert (start, end) == find("boat", whole)[expected]


def test_letter_for_letter_comes_before_nearness() -> None:
    assert located("red boat", "red boat; and now, red, boat: ", "") == "red boat"
    assert located("red boat", "red-boat ", "and there, a red boat") == "red boat"


def test_texts_beyond_the_window_are_not_found() -> None:
    assert located("harbour", f"<p>harbour</p>{FILLER}", f"{FILLER}<p>harbour</p>") is None
    whole, found = places(f"<p>harbour</p>{FILLER}<img src=a.png title=harbour>", 1000, 0)
    assert found == [(0, 7)]
    whole, found = places(f"<p>harbour</p><img src=a.png title=harbour>{FILLER}<p>harbour</p>", 0, 1000)
    assert found == [(whole.rindex("harbour"), len(whole))]


def test_a_text_that_the_windows_edge_cuts_is_not_found() -> None:
    # The windows end within the last word, or within the text.
    assert places("<img src=a.png title='red boat'>red boats", 0, 8)[1] == [(-1, -1)]
    assert places("<img src=a.png title='red boat'>red boat", 0, 8)[1] == [(0, 8)]
    assert places("<img src=a.png title='red boat'>red boat", 0, 7)[1] == [(-1, -1)]


def test_each_image_has_its_own_place() -> None:
    html = "".join(f"<p>boat {number}</p><img src={number}.png title=boat>{FILLER}" for number in range(4))
    whole, found = places(html)
    assert found == find("boat", whole)
    assert len(found) == 4


def test_a_part_of_a_word_is_not_found_however_near() -> None:
    assert located("boats re", "boats 123456789 boats red", "") is None


def test_random_texts_are_found_where_comparing_everything_finds_them() -> None:
    random = Random(3)
    vocabulary = "re boat red Red boat's BOATS the a é e\u0301 İ - ' ’ , x"
    hits = 0
    for _ in range(400):
        before, after, title = (
            " ".join(random.choices(vocabulary.split(" "), k=count)) for count in (12, 12, random.randint(1, 3))
        )
        whole, found = places(f'<p>{before}</p><img src=a.png title="{title}"><p>{after}</p>')
        [(start, end)] = found
        middle = whole.index("\n")
        sides = (whole[:middle], whole[middle:])
        is_there = any(find(tidy(title), side) for side in sides)
        assert (start >= 0) == is_there
        if is_there:
            hits += 1
            assert words(whole[start:end]) == words(tidy(title))
            assert end <= middle or middle < start
    assert 100 < hits < 300
