"""Words, file names, and words not safe for work."""

import pytest

from webpairs.span.words import is_file_name, is_keywords, is_nsfw, words


def spelled(text: str) -> list[str]:
    return [text[start:end] for start, end in words(text)]


def test_words_keep_apostrophes_and_split_scripts_without_spaces() -> None:
    assert spelled("Don't stop: it's a well_known “cat”, 2 m tall!") == [
        *("Don't", "stop", "it's", "a", "well", "known", "cat", "2", "m", "tall")
    ]
    assert spelled("猫がいる cat") == ["猫", "が", "い", "る", "cat"]


@pytest.mark.parametrize(
    "text",
    [
        "DSC_0042",
        "IMG 1234",
        "header-bg-2",
        "my holiday photo.JPG",
        "logo.svg",
        "p589.jpg (39K)",
        "screenshot-17",
        "a_b",
        " x.png ",
    ],
)
def test_file_names_are_seen(text: str) -> None:
    assert is_file_name(text)


@pytest.mark.parametrize(
    "text",
    ["A cat on a sofa", "Photo 5 of the series: a cat", "T-shirt", "Spider-Man", "The .NET logo", "2 cats", "猫"],
)
def test_descriptions_are_no_file_names(text: str) -> None:
    assert not is_file_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "cheap boat, boat hire, boats | buy boat; boat",
        "red, blue, green, tin, oak, iron, bone, clay",
        "boat; boat 2024; sail boat; boat",
    ],
)
def test_keywords_are_seen(text: str) -> None:
    assert is_keywords(text)


@pytest.mark.parametrize(
    "text",
    [
        "A boat, a tram, a horse and a goat in front of the station",
        "red boat, blue boat",
        "bread, salt, wine, oil",
        "cheap boat, boat hire, boats, buy boat.",
        "",
    ],
)
def test_descriptions_are_no_keywords(text: str) -> None:
    assert not is_keywords(text)


@pytest.mark.parametrize("text", ["Free PORN here", "hot f.u.c.k pictures", "a blow job", "x, tits.", "motherfucker"])
def test_listed_words_are_flagged(text: str) -> None:
    assert is_nsfw(text)


@pytest.mark.parametrize(
    "text",
    [
        "The church organ in the Virgin Mary chapel",
        "A flower pot on the steamy window sill",
        "Scunthorpe United against Arsenal in Sussex",
        "A ski slope above a sandbar, with a seaman drinking rum",
        "Jackson Pollock at work; the artist Wang Wei; God the Father",
        "A woody dish of strip steak, fat and weeds: analysis of cockpits and classic assets",
        "Pride: gay and queer marchers",
    ],
)
def test_ordinary_captions_are_not(text: str) -> None:
    assert not is_nsfw(text)
