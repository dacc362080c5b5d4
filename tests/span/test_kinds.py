"""Kinds of labels: texts of several sources, paraphrases, and negatives."""

from typing import Any

import pytest

from tests.span.conftest import SILVER, candidate
from webpairs.span.kinds import undescribed
from webpairs.span.paraphrases import closest, sentences
from webpairs.span.silver import example_of
from webpairs.span.splits import span_text

EVERY = SILVER.model_copy(
    update={
        "kinds": ["figcaption", "caption", "json_ld_caption", "aria_describedby", "alt", "paraphrase"],
        "negatives_per_example": 1.0,
    }
)
BEFORE = "We sailed for days.\n"
AFTER = "Fig. 2: The red boat at the quay. Photo: J. Doe\nOn Monday a storm came. Nobody had seen it coming."


def row(**values: Any) -> dict[str, Any]:
    """A candidate whose window begins at character 100 of its page."""
    own = {"text_before": BEFORE, "text_after": AFTER, "window_start": 100, "offset": 100 + len(BEFORE)}
    return candidate(1, **(own | values))


def text(source: str, content: str, place: int | None = None) -> dict[str, Any]:
    """A text of a candidate; where it stands in the page's text, if it does."""
    return {"source": source, "text": content, "start": place, "end": None if place is None else place + len(content)}


CAPTION = AFTER.partition("\n")[0]
PLACED = 100 + len(BEFORE)


@pytest.mark.parametrize("source", ["figcaption", "caption", "aria-describedby"])
def test_captions_are_descriptions_without_number_and_credit(source: str) -> None:
    kind = source.replace("-", "_")
    own = row(alt="boat", texts=[text(source, CAPTION, PLACED)])
    found, reasons = example_of(own, EVERY)
    assert found is not None
    assert (found["kind"], span_text(found)) == (kind, "The red boat at the quay.")
    assert set(reasons.values()) <= {"no_text"}
    without = EVERY.model_copy(update={"kinds": [one for one in EVERY.kinds if one != kind]})
    assert example_of(own, without)[0] is None


def test_texts_without_place_are_looked_for() -> None:
    found, _ = example_of(row(texts=[text("json_ld_caption", "the red boat at the Quay")]), EVERY)
    assert found is not None
    assert (found["kind"], span_text(found)) == ("json_ld_caption", "The red boat at the quay")


def test_a_caption_beyond_the_window_or_across_the_image_is_no_example() -> None:
    for place in (10, PLACED - 12, 10_000):
        assert example_of(row(texts=[text("figcaption", CAPTION, place)]), EVERY)[1]["figcaption"] == "not_in_text"


def test_only_credits_are_a_reason() -> None:
    assert (
        example_of(row(texts=[text("figcaption", "Photo: J. Doe", PLACED)]), EVERY)[1]["figcaption"] == "only_credits"
    )


def test_the_first_kind_counts() -> None:
    values = {"alt": "a storm came", "texts": [text("figcaption", CAPTION, PLACED)]}
    by_alt = EVERY.model_copy(update={"kinds": ["alt", "figcaption"]})
    kinds = [example["kind"] for params in (EVERY, by_alt) if (example := example_of(row(**values), params)[0])]
    assert kinds == ["figcaption", "alt"]


def test_a_sentence_in_other_words_is_a_description() -> None:
    found, reasons = example_of(row(alt="red boats lying at quay"), EVERY)
    assert found is not None
    assert (found["kind"], reasons["alt"]) == ("paraphrase", "not_in_text")
    assert span_text(found) == "Fig. 2: The red boat at the quay."
    twice = AFTER + " The red boat at the quay was ours."
    assert example_of(row(alt="red boats lying at quay", text_after=twice), EVERY)[1]["paraphrase"] == "no_text"


def test_sentences_end_at_blocks_and_not_at_initials() -> None:
    window = BEFORE + AFTER
    found = [window[start:end] for start, end in sentences(BEFORE, AFTER)]
    assert found == [
        "We sailed for days.",
        "Fig. 2: The red boat at the quay.",
        "Photo: J. Doe",
        "On Monday a storm came.",
        "Nobody had seen it coming.",
    ]
    assert closest("storms on Monday", BEFORE, AFTER)[0] == (*_span(window, "On Monday a storm came."), 1.0)
    assert closest("anything", "", "") == (None, 0.0)


def _span(window: str, wanted: str) -> tuple[int, int]:
    return window.index(wanted), window.index(wanted) + len(wanted)


@pytest.mark.parametrize(
    ("values", "pages", "kind"),
    [
        ({"width": 16, "height": 16}, 1, "icon"),
        ({"width": 16, "height": 600}, 1, None),
        ({"image_url": "http://a.example/img/logo-2.png"}, 1, "icon"),
        ({"image_url": "http://a.example/logos/boat.png"}, 1, None),
        ({"image_url": "http://a.example/catalogue.png"}, 1, None),
        ({"alt": "Our logo"}, 1, "icon"),
        ({"alt": "QR Code representing a URL"}, 1, "icon"),
        ({"image_url": "http://a.example/qrcode_7.png"}, 1, "icon"),
        ({"alt": "a green tram with QR codecs"}, 1, "not_in_text"),
        ({"image_url": "http://a.example/avatar-7.png"}, 1, None),  # a picture of somebody, whom the text may name
        ({"image_url": "data:image/png;base64,logo"}, 5, "repeated"),
        ({}, 4, None),
        ({"alt": "a green tram in Lisbon"}, 1, "not_in_text"),
        ({"alt": "a red boat at sea"}, 1, None),
        ({"alt": "boat, cheap boat, boat 2024, buy boat"}, 1, None),
        ({"alt": "IMG_1234.jpg"}, 1, None),
        ({"alt": "a green tram in Lisbon", "texts": [text("caption", "Boat", 110)]}, 1, None),
        ({"alt": "a green tram in Lisbon", "texts": [text("heading", "Boat", 110)]}, 1, "not_in_text"),
    ],
)
def test_negatives(values: dict[str, Any], pages: int, kind: str | None) -> None:
    assert undescribed(row(**values), pages) == kind


def test_a_negative_has_no_span() -> None:
    found, reasons = example_of(row(alt="a green tram in Lisbon"), EVERY)
    assert found is not None
    assert (found["kind"], found["start"], found["end"], found["category"]) == ("not_in_text", None, None, "none")
    assert reasons["alt"] == "not_in_text"
    for other in ({"language": "de"}, {"text_before": "", "text_after": ""}):
        assert example_of(row(alt="a green tram in Lisbon", **other), EVERY)[0] is None
    assert example_of(row(alt="a green tram in Lisbon"), SILVER)[0] is None
