"""Fitting texts into windows: tokens and the way back, and hints."""

from collections.abc import Sequence

import numpy as np
import pytest

from tests.span.conftest import bert_tokenizer
from webpairs.span.fitting import Fitter
from webpairs.span.model import IMAGE_TOKEN
from webpairs.span.windows import AFTER, BEFORE, BEGINS, ENDS, NEITHER, Texts, Window


def fitter(max_tokens: int, alt: str = "never", matches: Sequence[str] = ()) -> Fitter:
    tokenizer = bert_tokenizer()
    tokenizer.add_special_tokens({"additional_special_tokens": [IMAGE_TOKEN]})
    image_id = tokenizer.convert_tokens_to_ids(IMAGE_TOKEN)
    return Fitter(tokenizer, image_id, max_tokens, alt, matches)  # type: ignore[arg-type]


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


def matched(texts: Texts, *matches: str) -> dict[str, int]:
    """The bits of each token of the window that has any, by the text that it stands for."""
    window = next(iter(fitter(96, "always", matches).fit([texts])))
    text = texts.before + texts.after
    found = zip(window.start, window.end, window.matched, strict=True)
    return {text[start:end]: int(bits) for start, end, bits in found if bits}


def test_words_of_the_alt_text_and_of_the_file_name_are_marked() -> None:
    texts = Texts(
        "The red horses sat .\nthe dog\n", "White owl under a tree, HORSE", "a horse under the tree", "owl tree"
    )
    # Words such as "the" and "under" say too little to be looked for.
    assert matched(texts, "alt") == {"horse": 1, "s": 1, "tree": 1, "HORSE": 1}
    assert matched(texts, "file_name") == {"tree": 2}
    assert matched(texts, "alt", "file_name") == {"horse": 1, "s": 1, "tree": 3, "HORSE": 1}
    assert matched(texts) == {}
    assert matched(texts.without_hints(), "alt", "file_name") == {}


def test_a_file_s_name_for_an_alt_text_is_none_for_who_can_do_without() -> None:
    texts = Texts("The mill by the river", "an owl", "old_mill.jpg (12 K)", "p")
    dropped = fitter(96, "dropped", ["alt", "file_name"])
    assert dropped.looked_at(texts) == texts._replace(alt="", file_name="p old mill")
    assert dropped.looked_at(texts._replace(alt="An old mill")).alt == "An old mill"
    # What always sees alt texts, as the thesis's model, takes them as they are.
    assert fitter(96, "always").looked_at(texts).alt == "old_mill.jpg (12 K)"
    assert fitter(96, "never").looked_at(texts).alt == ""


def test_sentences_that_have_most_of_the_alt_texts_words_are_marked() -> None:
    texts = Texts("The dog sat . A white horse by the river . It took days .", "brown owl", "White horses near rivers")
    said = dict.fromkeys(("A", "white", "horse", "by", "the", "river"), 4)
    assert matched(texts, "sentence") == said
    assert matched(texts, "alt", "sentence") == said | {"white": 5, "horse": 5, "river": 5}
    # Of one word of the alt text, any sentence with it would have all.
    assert matched(texts._replace(alt="horse"), "sentence") == {}
    assert matched(texts._replace(alt="a white fox in the snow"), "sentence") == {}


def edges(before: str, after: str = "") -> list[tuple[str, set[str], set[str]]]:
    """Of each token of the window's text: what it stands for, what it begins and what it ends."""
    window = fit(96, before, after)
    found = zip(window.start, window.end, window.side, window.edges.tolist(), strict=True)
    return [
        (
            (before + after)[start:end],
            {name for name, bit in BEGINS.items() if bits & bit},
            {name for name, bit in ENDS.items() if bits & bit},
        )
        for start, end, side, bits in found
        if side != NEITHER
    ]


def test_what_tokens_begin_and_end() -> None:
    word, sentence, block = {"word"}, {"word", "sentence"}, {"word", "sentence", "block"}
    assert edges("the brown dog . A red cat !\nwhite owl") == [
        ("the", block, word),
        ("brown", word, word),
        ("dog", word, sentence),
        (".", word, sentence),
        ("A", sentence, word),
        ("red", word, word),
        ("cat", word, block),
        ("!", word, block),
        ("white", block, word),
        ("owl", word, block),
    ]


def test_marks_before_a_sentence_begin_it_and_pieces_of_a_word_begin_and_end_what_it_does() -> None:
    pieces = edges("«dogs» zebras", "...\n\ncat")
    begun = [(text, begins) for text, begins, _ in pieces]
    assert begun[:2] == [("«", {"word", "sentence", "block"}), ("dog", {"word", "sentence", "block"})]
    assert begun[2] == ("s", set())
    of_zebras = pieces[4 : next(at for at, (text, _, _) in enumerate(pieces) if text == ".")]
    assert "".join(text for text, _, _ in of_zebras) == "zebras" and len(of_zebras) > 1
    assert [bool(begins) for _, begins, _ in of_zebras] == [True] + [False] * (len(of_zebras) - 1)
    assert [ends for _, _, ends in of_zebras] == [set()] * (len(of_zebras) - 1) + [{"word", "sentence", "block"}]
    # A block without a word has neither sentences nor an end.
    assert [(begins, ends) for text, begins, ends in pieces if text == "."] == [({"word"}, {"word"})] * 3
    assert pieces[-1] == ("cat", {"word", "sentence", "block"}, {"word", "sentence", "block"})


def test_all_pieces_of_a_word_are_marked_and_nothing_beside_it() -> None:
    window = next(iter(fitter(96, "always", ["alt"]).fit([Texts("a zebrafish , dog", " zebras", "the zebrafish")])))
    text = "a zebrafish , dog zebras"
    spelt = [text[start:end] for start, end, bits in zip(window.start, window.end, window.matched, strict=True) if bits]
    assert "".join(spelt) == "zebrafishzebras"


def test_blocks_are_counted_on_each_side_and_lead_back_to_their_characters() -> None:
    before, after = "\nA red cat\n\nThe dog here\n", "a white owl\nthe dog here\n"
    window = fit(96, before, after)
    text = before + after
    of_text = window.side != NEITHER
    spans = zip(window.start[of_text], window.end[of_text], strict=True)
    assert [text[start:end] for start, end in spans] == text.split()
    assert window.block[window.side == BEFORE].tolist() == [1, 1, 1, 3, 3, 3]
    assert window.block[window.side == AFTER].tolist() == [0, 0, 0, 1, 1, 1]
    few = fit(16, before + "red " * 5 + "\n" + "owl", after)
    assert few.block[few.side == BEFORE].tolist() == [3, 4, 4, 4, 4, 4, 5]


def test_blocks_that_windows_share_are_tokenised_once() -> None:
    shared = fitter(96, "always", ["alt", "sentence"])
    asked: list[str] = []
    own = shared._tokenizer

    class Spy:
        def __getattr__(self, name: str) -> object:
            return getattr(own, name)

        def __call__(self, texts: list[str], **options: object) -> object:
            asked.extend(texts)
            return own(texts, **options)

    shared._tokenizer = Spy()
    blocks = ["a red cat", "the dog sat", "a white owl by the river", "it took days", "the fox"]
    texts = [
        Texts("\n".join(blocks[:number]) + "\n", "\n".join(blocks[number:]), "a white owl by the river")
        for number in range(1, len(blocks))
    ]
    together = list(shared.fit(texts))
    assert sorted(asked) == sorted(["", *blocks, texts[0].alt])
    for window, text in zip(together, texts, strict=True):
        alone = next(iter(fitter(96, "always", ["alt", "sentence"]).fit([text])))
        for name in ("ids", "start", "end", "side", "block", "matched", "edges"):
            assert np.array_equal(getattr(window, name), getattr(alone, name))
    assert [list(window.ids) for window in shared.fit(texts, at_once=2)] == [list(one.ids) for one in together]
