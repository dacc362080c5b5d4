"""Lays out a page: which texts stand where around its pictures."""

import random
from dataclasses import dataclass

from webpairs.archive.miniature.content import Block, Picture, Section
from webpairs.archive.miniature.prose import Prose

# A description deep in the text is this far from its image, in characters of text between the two; templates add
# little, so that all of it stays within a window of 2,000 characters before and 2,500 after.
DEEP = (470, 1100)


@dataclass(frozen=True, slots=True)
class Manner:
    """How wordy a page is: sentences a paragraph, and the likelihood of a paragraph more."""

    low: int
    high: int
    more: float
    heading: float
    facts: float


WORDY = Manner(3, 6, 0.65, 0.35, 0.12)
TERSE = Manner(1, 3, 0.25, 0.6, 0.4)
_TERSE_TEMPLATES = {"shop", "auction", "market", "forum", "photoblog"}


def manner_of(template: str) -> Manner:
    """Listings and threads are terse, the others wordy."""
    return TERSE if template in _TERSE_TEMPLATES else WORDY


def lay_out(pictures: list[Picture], manner: Manner, prose: Prose, rng: random.Random) -> list[Section]:
    """The sections of a page that shows these pictures in this order, each description where its place says."""
    sections = [Section(before=_paragraphs(manner, prose, rng, rng.choice((1, 1, 3))))]
    for picture in pictures:
        sections.append(_around(picture, manner, prose, rng))
        if rng.random() < 0.3:
            sections.append(_text(manner, prose, rng))
    # Some pages go on for long, so that windows end within the text.
    sections += [_text(manner, prose, rng) for _ in range(rng.choice((1, 1, 2, 3)))]
    for picture in pictures:
        if picture.place == "deep":
            _insert_deep(picture, sections, manner, prose, rng)
    return sections


def _text(manner: Manner, prose: Prose, rng: random.Random) -> Section:
    section = Section(prose.line("heading"), _paragraphs(manner, prose, rng, rng.choice((1, 2))))
    if rng.random() < 0.2:
        section.before.append(Block("bullets", items=tuple(prose.sentence() for _ in range(3))))
    return section


def _paragraphs(manner: Manner, prose: Prose, rng: random.Random, at_least: int) -> list[Block]:
    count = at_least + (rng.random() < manner.more)
    return [Block("text", prose.paragraph(manner.low, manner.high)) for _ in range(count)]


def _around(picture: Picture, manner: Manner, prose: Prose, rng: random.Random) -> Section:
    """The section of one picture; descriptions deep in the text come in later."""
    section = Section(prose.line("heading") if rng.random() < manner.heading else "", picture=picture)
    section.before = _paragraphs(manner, prose, rng, rng.choice((0, 1)))
    section.after = _paragraphs(manner, prose, rng, rng.choice((0, 1, 1)))
    if rng.random() < manner.facts:
        section.after.append(Block("facts", items=tuple(prose.lines("fact", 3))))
    if picture.place == "deep" and rng.random() < 0.4:
        picture.caption = picture.label = prose.line("label", tag=str(rng.randint(10, 99)))
    elif rng.random() < 0.35:
        picture.caption = prose.line("credit")
    match picture.place:
        case "figcaption":
            picture.caption = _caption(picture.description, prose, rng)
        case "just_before":
            section.before.append(_near(picture.description, prose, rng, lead=0.45, tail=0.15))
        case "just_after":
            section.after.insert(0, _near(picture.description, prose, rng, lead=0.15, tail=0.45))
        case "name":
            _name(section, picture, prose, rng)
    return section


def _caption(description: str, prose: Prose, rng: random.Random) -> str:
    chance = rng.random()
    if chance < 0.3:
        return f"{description} {prose.line('credit')}"
    return f"{prose.line('number_of_figure')} {description}" if chance < 0.45 else description


def _near(description: str, prose: Prose, rng: random.Random, lead: float, tail: float) -> Block:
    """A paragraph with the description in it, at times with other sentences before and after."""
    parts = [prose.sentence()] if rng.random() < lead else []
    parts.append(description)
    if rng.random() < tail:
        parts.append(prose.sentence())
    return Block("text", " ".join(parts))


def _name(section: Section, picture: Picture, prose: Prose, rng: random.Random) -> None:
    """The name as heading, caption, or in a sentence before or after the picture."""
    name = picture.description
    way = rng.choice(("heading", "caption", "before", "after", "after"))
    if way == "heading":
        section.heading = name
    elif way == "caption":
        picture.caption = name if rng.random() < 0.5 else f"{name}. {prose.line('credit')}"
    else:
        sentence = prose.line("name", name=name)
        parts = [sentence, prose.sentence()] if rng.random() < 0.5 else [prose.sentence(), sentence]
        block = Block("text", " ".join(parts))
        if way == "before":
            section.before.append(block)
        else:
            section.after.insert(0, block)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of the page in reading order: a block where `blocks[index]` is it, else a heading or a picture."""

    length: int
    blocks: list[Block] | None = None
    index: int = 0
    picture: Picture | None = None


def _insert_deep(picture: Picture, sections: list[Section], manner: Manner, prose: Prose, rng: random.Random) -> None:
    """Puts the description into a paragraph far from the picture; adds text behind it until there is such a place."""
    behind = next(i for i, section in enumerate(sections, 1) if section.picture is picture)
    while not (gaps := _far_gaps(_pieces(sections), picture)):
        # Not at the page's end, which may be too far from the picture already.
        sections.insert(behind, Section(before=_paragraphs(manner, prose, rng, 2)))
    blocks, index, is_after = rng.choice(gaps)
    parts = [picture.description]
    if picture.label:
        parts.insert(0, prose.line("cue_label", label=picture.label))
    elif rng.random() < 0.6:
        parts.insert(0, prose.line("cue" if is_after else "cue_before"))
    if rng.random() < 0.5:
        parts.append(prose.sentence())
    blocks.insert(index, Block("text", " ".join(parts)))


def _pieces(sections: list[Section]) -> list[_Piece]:
    pieces = []
    for section in sections:
        pieces.append(_Piece(len(section.heading)))
        pieces += [_Piece(block.length, section.before, index) for index, block in enumerate(section.before)]
        if section.picture is not None:
            pieces.append(_Piece(len(section.picture.caption), picture=section.picture))
        pieces += [_Piece(block.length, section.after, index) for index, block in enumerate(section.after)]
    return [piece for piece in pieces if piece.length or piece.picture is not None]


def _far_gaps(pieces: list[_Piece], picture: Picture) -> list[tuple[list[Block], int, bool]]:
    """The places for a paragraph far enough from the picture, and next to none; whether they come after it."""
    at = sum(piece.length for piece in pieces[: next(i for i, piece in enumerate(pieces) if piece.picture is picture)])
    gaps = []
    offset = 0
    for number, piece in enumerate(pieces):
        follows_picture = number > 0 and pieces[number - 1].picture is not None
        if piece.blocks is not None and not follows_picture and DEEP[0] <= abs(offset - at) <= DEEP[1]:
            gaps.append((piece.blocks, piece.index, offset > at))
        offset += piece.length
    return gaps
