"""The texts that may describe an image, apart from the window around it: each with its source and its place."""

from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from webpairs.page.belonging import Belonging
from webpairs.page.counts import Counts
from webpairs.page.elements import BLOCK, FLAGS, SKIP, TEXT
from webpairs.page.locate import Located
from webpairs.page.text import tidy
from webpairs.page.walk import Page, Scope

TEXT_AT_MOST = 10_000  # characters
SHARED_AT_MOST = 4_000_000  # characters of texts that aren't an image's own: thousands of images may share one
LABELS_AT_MOST = 5000  # elements of a page that are read as labels
_LABELS_OF_ONE = 10  # that an attribute names
_LABEL_NODES = 500  # of a label that are read

# What an image element's own attributes are called as sources.
ATTRIBUTES = ("alt", "title", "aria-label")
_LABELLED = ("aria-labelledby", "aria-describedby")
_OF_LINKS = ("title", "aria-label")


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
        self._labels: dict[str, str] = {}
        belonging = Belonging(page)
        self._captions = belonging.captions()
        self._headings = belonging.headings()
        self._shared = 0

    def of(self, number: int) -> list[Text]:
        """The texts of the page's image of this number."""
        image = self._page.images[number]
        attributes = image.attributes
        texts: list[Text] = []
        for name in ATTRIBUTES:
            if name in attributes and (text := self.attribute(attributes, name)):
                texts.append(self._placed(name, text, number))
        shared: list[Text] = []
        for name in _LABELLED:
            if identities := attributes.get(name):
                said = map(self._label, identities.split()[:_LABELS_OF_ONE])
                shared += [self._placed(name, text, number) for text in said if text]
        for source, scope in (
            ("figcaption", image.figure and image.figure.caption),
            ("table_caption", image.table and image.table.caption),
            ("caption", self._captions.get(number)),
            ("link", image.link),
            ("heading", self._headings.get(number, image.heading)),
        ):
            if scope is not None and (found := self._scope(source, scope)):
                shared.append(found)
        if image.link is not None:
            around = image.link.node.attributes
            for name in _OF_LINKS:
                if name in around and (text := self.attribute(around, name)):
                    shared.append(self._placed(f"link_{name}", text, number))
        for found in shared:
            self._shared += len(found.text)
            if self._shared <= SHARED_AT_MOST:
                texts.append(found)
            else:
                self._counts.cuts["shared_texts_too_long"] += 1
        return texts

    def _placed(self, source: str, text: str, number: int) -> Text:
        return Text(source, text, *self._located.place(text, number))

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

    def _label(self, identity: str) -> str:
        """The text of the first element with this id; "" where there is none."""
        if self._identified is None:
            self._identified = {}
            for node in self._page.tree.css("[id]"):
                self._identified.setdefault(node.attributes.get("id") or "", node)
        if identity not in self._labels:
            labelling = self._identified.get(identity)
            if labelling is None:
                return ""
            if len(self._labels) == LABELS_AT_MOST:
                self._counts.cuts["labels_too_many"] += 1
                return ""
            self._labels[identity] = _said(labelling)
        return self._labels[identity]


def _said(label: LexborNode) -> str:
    """The text of an element, be it shown or hidden: a label may be for those who can't see."""
    parts: list[str] = []
    for node in islice(label.traverse(include_text=True), _LABEL_NODES):
        if node.tag_id == TEXT:
            before, around = node.prev, node.parent
            if before is not None and _flags(before) & BLOCK:
                parts.append(" ")
            if around is None or not _flags(around) & SKIP:
                parts.append((node.text_content or "")[:TEXT_AT_MOST])
        elif _flags(node) & BLOCK:
            parts.append(" ")
    return tidy("".join(parts)[:TEXT_AT_MOST])


def _flags(node: LexborNode) -> int:
    return FLAGS.get(node.tag_id, 0)
