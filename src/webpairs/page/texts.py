"""The texts that may describe an image, apart from the window around it: each with its source and its place."""

from collections.abc import Mapping
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from webpairs.page.counts import Counts
from webpairs.page.locate import Located
from webpairs.page.text import tidy
from webpairs.page.walk import Image, Page, Scope

TEXT_AT_MOST = 10_000  # characters
_CAPTION_LEVELS = 3  # up from a caption to what holds its image, too
_LABELS_AT_MOST = 10

# What an image element's own attributes are called as sources.
ATTRIBUTES = ("alt", "title", "aria-label")


class Text(NamedTuple):
    """A text, its source, and where it stands in the page's text; -1 where it doesn't stand there."""

    source: str
    text: str
    start: int = -1
    end: int = -1


class Texts:
    """Finds the texts of a page's images; what several images share is read once."""

    def __init__(self, page: Page, located: Located, counts: Counts) -> None:
        self._page = page
        self._located = located
        self._counts = counts
        self._scopes: dict[int, Text | None] = {}
        self._identified: dict[str, LexborNode] | None = None
        self._captions = _captions(page)

    def of(self, number: int) -> list[Text]:
        """The texts of the page's image of this number."""
        image = self._page.images[number]
        attributes = image.attributes
        texts = [
            Text(name, text, *self._located.place(text, number))
            for name in ATTRIBUTES
            if name in attributes and (text := self.attribute(attributes, name))
        ]
        for name in ("aria-labelledby", "aria-describedby"):
            if identities := attributes.get(name):
                texts += self._labels(name, identities)
        for source, scope in (
            ("figcaption", image.figure and image.figure.caption),
            ("table_caption", image.table and image.table.caption),
            ("caption", self._captions.get(number)),
            ("link", image.link),
            ("heading", image.heading),
        ):
            if scope is not None and (found := self._scope(source, scope)):
                texts.append(found)
        if image.link is not None:
            around = image.link.node.attributes
            texts += [
                Text(f"link_{name}", text)
                for name in ("title", "aria-label")
                if name in around and (text := self.attribute(around, name))
            ]
        return texts

    def attribute(self, attributes: Mapping[str, str | None], name: str) -> str:
        """The attribute with white space normalised, in NFC; "" where it is blank."""
        value = attributes[name] or ""
        if len(value) > TEXT_AT_MOST:
            self._counts.cuts["attribute_too_long"] += 1
            value = value[:TEXT_AT_MOST]
        return tidy(value)

    def _scope(self, source: str, scope: Scope) -> Text | None:
        key = id(scope)
        if key not in self._scopes:
            span = self._page.reading.span(scope.start, scope.end) if scope.end >= 0 else None
            found = None
            if span is not None:
                end = min(span[1], span[0] + TEXT_AT_MOST)
                found = Text(source, self._page.text[span[0] : end], span[0], end)
            self._scopes[key] = found
        return self._scopes[key]

    def _labels(self, name: str, identities: str) -> list[Text]:
        if self._identified is None:
            self._identified = {}
            for node in self._page.tree.css("[id]"):
                self._identified.setdefault(node.attributes.get("id") or "", node)
        found = []
        for identity in identities.split()[:_LABELS_AT_MOST]:
            labelling = self._identified.get(identity)
            if labelling is not None and (text := tidy(labelling.text(separator=" ")[:TEXT_AT_MOST])):
                found.append(Text(name, text))
        return found


def _captions(page: Page) -> dict[int, Scope]:
    """By the number of an image, what is called a caption and belongs to it: the first of several.

    A caption belongs to the image nearest to it in the innermost element, up to three levels up, that holds both.
    """
    found: dict[int, Scope] = {}
    after = 0
    for caption in page.captions:
        while after < len(page.images) and page.images[after].place < caption.start:
            after += 1
        number = _captioned(page.images, caption, after)
        if number is not None:
            found.setdefault(number, caption)
    return found


def _captioned(images: list[Image], caption: Scope, after: int) -> int | None:
    """`after` is the number of the first image that doesn't stand before the caption."""
    steps = caption.path.split(">")
    for depth in range(len(steps), max(2, len(steps) - _CAPTION_LEVELS - 1), -1):
        around = ">".join(steps[:depth]) + ">"
        for number in (after - 1, after):
            if 0 <= number < len(images) and images[number].path.startswith(around):
                return number
    return None
