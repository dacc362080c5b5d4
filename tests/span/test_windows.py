"""Windows: texts to tokens and back."""

import numpy as np
import pytest

from tests.span.conftest import bert_tokenizer
from webpairs.span.model import IMAGE_TOKEN
from webpairs.span.windows import AFTER, BEFORE, NEITHER, Fitter, Texts, Window


def fitter(max_tokens: int, alt: str = "never") -> Fitter:
    tokenizer = bert_tokenizer()
    tokenizer.add_special_tokens({"additional_special_tokens": [IMAGE_TOKEN]})
    return Fitter(tokenizer, tokenizer.convert_tokens_to_ids(IMAGE_TOKEN), max_tokens, alt)  # type: ignore[arg-type]


def fit(max_tokens: int, before: str, after: str, alt: str = "", in_input: str = "never") -> Window:
    return next(iter(fitter(max_tokens, in_input).fit([Texts(before, after, alt)])))


def spelled(window: Window) -> str:
    tokenizer = bert_tokenizer()
    tokenizer.add_special_tokens({"additional_special_tokens": [IMAGE_TOKEN]})
    return " ".join(tokenizer.convert_ids_to_tokens(window.ids.tolist()))


def test_text_image_text() -> None:
    window = fit(32, "a red cat\n", "in the snow .")
    assert spelled(window) == "[CLS] a red cat [IMG] in the snow . [SEP]"
    assert window.side.tolist() == [NEITHER, *[BEFORE] * 3, NEITHER, *[AFTER] * 4, NEITHER]


def test_every_token_leads_back_to_its_characters() -> None:
    before, after = "Ein  RED cät 😀 sat\n", " On the Sofa;\tunder a tree — «dog»!"
    window = fit(96, before, after)
    text = before + after
    for start, end, side in zip(window.start, window.end, window.side, strict=True):
        if side != NEITHER:
            assert text[start:end].strip() == text[start:end] != ""
            assert end <= len(before) if side == BEFORE else start >= len(before)
    for phrase in ("RED cät", "😀", "Sofa", "On the Sofa", "«dog»!"):
        start = text.index(phrase)
        tokens = window.locate(start, start + len(phrase))
        assert tokens is not None
        assert window.characters(*tokens) == (start, start + len(phrase))


@pytest.mark.parametrize("max_tokens", [16, 17, 33, 64])
def test_the_nearest_tokens_are_kept_as_many_as_fit(max_tokens: int) -> None:
    before, after = "dog " * 40 + "red cat ", "white owl " + "fox " * 40
    window = fit(max_tokens, before, after)
    assert len(window) == max_tokens
    assert "red cat [IMG] white owl" in spelled(window)
    assert abs(int((window.side == BEFORE).sum()) - int((window.side == AFTER).sum())) <= 1


def test_a_short_side_leaves_its_room_to_the_other() -> None:
    assert (fit(40, "dog " * 90, "red cat").side == BEFORE).sum() == 40 - 3 - 2
    assert (fit(40, "red cat", "dog " * 90).side == AFTER).sum() == 40 - 3 - 2
    assert not fit(40, "", "").has_text()


def test_spans_outside_or_across_the_image_are_not_located() -> None:
    before = "red cat " + "dog " * 40
    window = fit(32, before, "white owl")
    assert window.locate(0, 7) is None
    assert window.locate(len(before) - 4, len(before) + 5) is None
    edge = int(window.start[1])
    assert window.locate(edge - 4, edge + 3) is None
    assert window.locate(edge, edge + 3) == (1, 1)


def test_tokens_in_the_page_are_ordinary_text() -> None:
    window = fit(64, "a [IMG] cat [SEP] [CLS]", "the [PAD] dog")
    special = bert_tokenizer().all_special_ids
    assert np.isin(window.ids, special).sum() == 2
    assert spelled(window).count("[IMG]") == 1


def test_the_alt_text_is_seen_but_no_span_may_hold_it() -> None:
    window = fit(32, "a red cat", "in the snow", alt="white owl", in_input="always")
    assert spelled(window) == "[CLS] a red cat [IMG] white owl [SEP] in the snow [SEP]"
    assert (window.side != NEITHER).sum() == 6
    long = fit(32, "dog " * 50, "cat " * 50, alt="owl " * 50, in_input="always")
    assert len(long) == 32
    assert spelled(long).count("owl") == 8
