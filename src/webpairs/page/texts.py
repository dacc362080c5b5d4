"""The texts that may describe an image, apart from the window around it: each with its source and its place."""

from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

from selectolax.lexbor import LexborNode

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
_CAPTION_LEVELS = 3  # up from a caption to what holds its image, too

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
        self._labels: dict[str, str] = {}
        self._captions = _captions(page)
        self._shared = 0

    def of(self, number: int) -> list[Text]:
        """The texts of the page's image of this number."""
        image = self._page.images[number]
        attributes = image.attributes
        texts = [
            Text(name, text, *self._located.place(text, number))
            for name in ATTRIBUTES
            if name in attributes and (text := self.attribute(attributes, name))
        ]
        shared = [
            Text(name, text, *self._located.place(text, number))
            for name in ("aria-labelledby", "aria-describedby")
            if (identities := attributes.get(name))
            for identity in identities.split()[:_LABELS_OF_ONE]
            if (text := self._label(identity))
        ]
        for source, scope in (
            ("figcaption", image.figure and image.figure.caption),
            ("table_caption", image.table and image.table.caption),
            ("caption", self._captions.get(number)),
            ("link", image.link),
            ("heading", image.heading),
        ):
            if scope is not None and (found := self._scope(source, scope)):
                shared.append(found)
        if image.link is not None:
            around = image.link.node.attributes
            shared += [
                Text(f"link_{name}", text, *self._located.place(text, number))
                for name in ("title", "aria-label")
                if name in around and (text := self.attribute(around, name))
            ]
        for found in shared:
            self._shared += len(found.text)
            if self._shared <= SHARED_AT_MOST:
                texts.append(found)
            else:
                self._counts.cuts["shared_texts_too_long"] += 1
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


def _captions(page: Page) -> dict[int, Scope]:
    """By the number of an image, what is called a caption and belongs to it: the first of several.

    A caption belongs to the image nearest to it in the innermost element, up to three levels up, that holds both.
    """
    found: dict[int, Scope] = {}
    around: dict[int, set[int]] = {}  # of the images before and after a caption, what is around them
    after = 0
    for caption in page.captions:
        while after < len(page.images) and page.images[after].place < caption.start:
            after += 1
        near = [number for number in (after - 1, after) if 0 <= number < len(page.images)]
        around = {number: around.get(number) or _around(page.images[number].node) for number in near}
        number = _captioned(caption.node, around)
        if number is not None:
            found.setdefault(number, caption)
    return found


def _captioned(caption: LexborNode, around: Mapping[int, set[int]]) -> int | None:
    holder: LexborNode | None = caption
    for _ in range(_CAPTION_LEVELS + 1):
        if holder is None or holder.tag in ("body", "html"):
            break
        for number, holders in around.items():
            if holder.mem_id in holders:
                return number
        holder = holder.parent
    return None


def _around(node: LexborNode) -> set[int]:
    """`mem_id` of all elements around this one."""
    found = set()
    holder = node.parent
    while holder is not None:
        found.add(holder.mem_id)
        holder = holder.parent
    return found
