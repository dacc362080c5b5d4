"""Sentences: fillers, descriptions in other languages, and how shares are dealt."""

import random
import re
from collections import Counter
from importlib import resources

import pytest

from webpairs.archive.miniature import foreign, sites
from webpairs.archive.miniature.deal import deal, spread
from webpairs.archive.miniature.prose import Prose, sections
from webpairs.scenes import KINDS, Companion, Scene, sample_scene

SCENE = Scene("umbrella", "red", "large", "beach", "sunset", Companion("flower", "white", "left"))
BUILT_IN = {"kind", "a_kind", "year", "number", "small", "name", "tag", "label"}


def prose_files() -> list[str]:
    folder = resources.files("webpairs.archive.miniature").joinpath("prose")
    return sorted(file.name.removesuffix(".txt") for file in folder.iterdir() if file.name.endswith(".txt"))


@pytest.mark.parametrize("name", prose_files())
def test_every_slot_of_every_sentence_can_be_filled(name: str) -> None:
    known = {**sections("common"), **sections(name)}
    for section, lines in known.items():
        for line in lines:
            assert set(re.findall(r"\{(\w+)\}", line)) <= set(known) | BUILT_IN, (section, line)


def test_sites_and_files_of_prose_belong_together() -> None:
    used = {site.prose for site in sites.SITES} | {site.foreign_prose for site in sites.SITES} - {""}
    assert used | {"common"} == set(prose_files())


def test_sentences_start_large_and_hold_no_slot() -> None:
    for site in sites.SITES:
        prose = Prose(site.prose, random.Random(3))
        for _ in range(200):
            text = prose.paragraph()
            assert "{" not in text
            assert not re.search(r"(?<!\d)[.?!] [a-z]", text)


def test_fillers_rarely_name_what_images_show() -> None:
    prose = Prose("museum", random.Random(1))
    words = re.findall(r"[a-z]+", " ".join(prose.paragraph() for _ in range(300)).lower())
    assert sum(word in KINDS for word in words) == 0


def test_descriptions_agree_in_gender() -> None:
    texts = {
        language: [foreign.describe(SCENE, language, random.Random(seed)) for seed in range(8)]
        for language in foreign.LANGUAGES
    }
    assert all("großer roter Schirm" in text and "kleine weiße Blume" in text for text in texts["de"])
    assert all("grand parapluie rouge" in text and "petite fleur blanche" in text for text in texts["fr"])
    assert all("paraguas rojo grande" in text and "flor blanca pequeña" in text for text in texts["es"])
    assert all(len(set(forms)) >= 3 for forms in texts.values())


@pytest.mark.parametrize("language", foreign.LANGUAGES)
def test_every_scene_can_be_described(language: str) -> None:
    rng = random.Random(5)
    for kind in KINDS:
        scene = sample_scene(rng, (kind,))
        text = foreign.describe(scene, language, rng)
        assert foreign.noun(kind, language) in text
        assert text[0].isupper()
        assert text.endswith(".")


def test_shares_come_out_as_close_as_whole_numbers_allow() -> None:
    shares = {"a": 0.5, "b": 0.3, "c": 0.2}
    for seed in range(20):
        counts = Counter(deal(shares, 17, random.Random(seed)))
        assert sum(counts.values()) == 17
        assert all(abs(counts[name] - share * 17) <= 1 for name, share in shares.items())
    assert deal(shares, 0, random.Random(1)) == []


@pytest.mark.parametrize(("count", "over"), [(10, 4), (3, 5), (0, 2), (5, 1)])
def test_things_are_spread_over_all_places(count: int, over: int) -> None:
    spread_out = spread(count, over, random.Random(1))
    assert len(spread_out) == over
    assert sum(spread_out) == count
    assert min(spread_out) >= (1 if count >= over else 0)


def test_nothing_is_spread_over_no_place() -> None:
    assert spread(5, 0, random.Random(1)) == []


@pytest.mark.parametrize(("name", "apart"), [("carnets", " de le "), ("carnets", " à le "), ("mercado", " de el ")])
def test_words_are_contracted(name: str, apart: str) -> None:
    prose = Prose(name, random.Random(1))
    assert apart not in " ".join(prose.paragraph() for _ in range(200))
