"""One walk over a page: its text as a reader meets it, and its images with their places in that text."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from webpairs.page.elements import BLOCK, CUSTOM, ENTERED, FLAGS, LEFT, LINK, MUTE, NO_ELEMENT, SKIP, TEXT, step
from webpairs.page.found import BACKGROUND, CAPTION, HIDDEN, LANDMARK, Found, find
from webpairs.page.markup import parse
from webpairs.page.text import BREAK, Reading

IMAGES_AT_MOST = 5000
_SOURCES_AT_MOST = 50  # of a picture element
DEPTH_AT_MOST = 512  # where browsers stop nesting, too

Attributes = Mapping[str, str | None]


_NOTHING_READ = Reading(())


@dataclass(slots=True)
class Scope:
    """An element, and where its content begins and ends: places of Reading. `end` is -1 while it is open."""

    node: LexborNode
    start: int
    end: int = -1
    caption: "Scope | None" = None  # the first figcaption of a figure, or caption of a table


@dataclass(slots=True)
class Image:
    """An element that shows an image, and what stands around it."""

    element: str  # img, amp-img, input, poster, background
    node: LexborNode
    attributes: Attributes
    picture: tuple[Attributes, ...]  # the source elements before it, where it stands in a picture element
    path: str  # a CSS selector of this one element
    place: int  # of Reading
    figure: Scope | None  # the innermost around it
    table: Scope | None
    link: Scope | None
    heading: Scope | None  # the last one before it
    in_noscript: bool
    in_boilerplate: bool


@dataclass(slots=True)
class Page:
    """What a reader sees of a page, and what the walk came by, in document order.

    `reading.text` is in NFC: blocks apart by one "\\n", white space within a block by one " ", nothing hidden.
    """

    tree: LexborHTMLParser
    found: Found
    reading: Reading = _NOTHING_READ
    images: list[Image] = field(default_factory=list)
    links: list[Scope] = field(default_factory=list)  # buttons, too
    boilerplate: list[Scope] = field(default_factory=list)  # navigation, footers and the like
    headings: list[Scope] = field(default_factory=list)
    captions: list[Scope] = field(default_factory=list)  # elements that are called captions, apart from figcaption
    images_beyond: int = 0  # how many images were left out as more than IMAGES_AT_MOST
    too_deep: int = 0  # how many subtrees were left out as nested deeper than DEPTH_AT_MOST

    @property
    def text(self) -> str:
        return self.reading.text


class _Walk:
    """A page being read: what is open around the place that the walk has come to."""

    def __init__(self, page: Page) -> None:
        self.parts: list[str] = []
        self._page = page
        # Elements whose content is being read: node, flags, number among their parent's elements.
        self._open: list[tuple[LexborNode, int, int]] = []
        # Scopes that end with the element at a depth, and the list that holds them while they are open.
        self._ends: list[tuple[int, Scope, list[Scope]]] = []
        self._figures: list[Scope] = []
        self._tables: list[Scope] = []
        self._links: list[Scope] = []
        self._noscripts: list[Scope] = []
        self._articles: list[Scope] = []
        self._boilerplate: list[Scope] = []
        self._others: list[Scope] = []
        self._heading: Scope | None = None
        self._picture: list[Attributes] = []
        # Of the elements around the last image: the item of `_open`, and the selector with ">".
        self._paths: list[tuple[tuple[LexborNode, int, int], str]] = []

    def run(self, root: LexborNode, found: Mapping[int, int]) -> None:
        """Visits every node in document order without recursion."""
        parts, open_, links, ended = self.parts, self._open, self._links, self._page.links
        push, flags_of = parts.append, FLAGS.get
        number = mute = 0
        link_end = -1  # how many parts there were when the last link ended
        node: LexborNode | None = root
        while node is not None:
            tag = node.tag_id
            if tag == TEXT:
                if not mute:
                    push(node.text_content or "")
            else:
                number += 1
                if flags := flags_of(tag, CUSTOM):
                    if flags & BLOCK:
                        push(BREAK)
                    if flags & LINK:
                        # Links without space between them are kept apart by style.
                        if link_end == len(parts):
                            push(" ")
                        links.append(Scope(node, len(parts)))
                    elif flags & ENTERED:
                        flags |= self._enter(node, number)
                    elif flags & NO_ELEMENT:
                        number -= 1
                    elif flags & CUSTOM and node.tag in ("amp-img", "amp-anim"):
                        self._image(node, "amp-img", number)
                if found and (what := found.get(node.mem_id)):
                    flags |= self._enter_found(node, what, number)
                if not flags & SKIP and (child := node.first_child) is not None:
                    if len(open_) < DEPTH_AT_MOST:
                        open_.append((node, flags, number))
                        mute += flags & MUTE
                        number = 0
                        node = child
                        continue
                    self._page.too_deep += 1
                if flags & LINK:
                    link = links.pop()
                    link.end = link_end = len(parts)
                    ended.append(link)
                if flags & LEFT:
                    self._leave()
            after = node.next
            while after is None and open_:
                node, flags, number = open_.pop()
                if flags:
                    mute -= flags & MUTE
                    if flags & BLOCK:
                        push(BREAK)
                    if flags & LINK:
                        link = links.pop()
                        link.end = link_end = len(parts)
                        ended.append(link)
                    if flags & LEFT:
                        self._leave()
                after = node.next
            node = after

    def _begin(self, node: LexborNode, held: list[Scope]) -> Scope:
        scope = Scope(node, len(self.parts))
        held.append(scope)
        self._ends.append((len(self._open), scope, held))
        return scope

    def _leave(self) -> None:
        here, depth = len(self.parts), len(self._open)
        while self._ends and self._ends[-1][0] == depth:
            _, scope, held = self._ends.pop()
            scope.end = here
            held.pop()

    def _enter(self, node: LexborNode, number: int) -> int:
        """Notes the element; further flags for it, LEFT where its end is to be noted, too."""
        tag = node.tag or ""
        if tag == "img":
            self._image(node, "img", number)
        elif tag in _HELD:
            self._begin(node, getattr(self, _HELD[tag]))
            return LEFT
        elif tag in ("figcaption", "caption"):
            holders = self._figures if tag == "figcaption" else self._tables
            scope = self._begin(node, self._others)
            if holders and holders[-1].caption is None:
                holders[-1].caption = scope
            return LEFT
        elif tag == "picture":
            self._picture = []
        elif tag == "source":
            self._picture.append(node.attributes)
        elif tag == "input":
            if (node.attributes.get("type") or "").lower() == "image":
                self._image(node, "input", number)
        elif tag == "video":
            if node.attributes.get("poster"):
                self._image(node, "poster", number)
        elif tag == "dialog":
            return 0 if "open" in node.attributes else MUTE
        elif tag[0] == "h" and tag != "header":
            self._heading = self._begin(node, self._others)
            self._page.headings.append(self._heading)
            return LEFT
        elif not self._articles or tag in ("nav", "aside"):
            # The header and footer of an article belong to it.
            self._page.boilerplate.append(self._begin(node, self._boilerplate))
            return LEFT
        return 0

    def _enter_found(self, node: LexborNode, what: int, number: int) -> int:
        """Notes what the element is besides what its tag says; further flags for it."""
        flags = MUTE if what & HIDDEN else 0
        if what & BACKGROUND:
            self._image(node, "background", number)
        if what & LANDMARK:
            self._page.boilerplate.append(self._begin(node, self._boilerplate))
            flags |= LEFT
        if what & CAPTION:
            self._page.captions.append(self._begin(node, self._others))
            flags |= LEFT
        return flags

    def _image(self, node: LexborNode, element: str, number: int) -> None:
        page = self._page
        if len(page.images) == IMAGES_AT_MOST:
            page.images_beyond += 1
            return
        in_picture = bool(self._picture and self._open) and self._open[-1][0].tag == "picture"
        page.images.append(
            Image(
                element=element,
                node=node,
                attributes=node.attributes,
                picture=tuple(self._picture[:_SOURCES_AT_MOST]) if in_picture else (),
                path=self._path(node, number),
                place=len(self.parts),
                figure=self._figures[-1] if self._figures else None,
                table=self._tables[-1] if self._tables else None,
                link=self._links[-1] if self._links else None,
                heading=self._heading,
                in_noscript=bool(self._noscripts),
                in_boilerplate=bool(self._boilerplate),
            )
        )
        if in_picture:
            # They are the first image's.
            self._picture = []

    def _path(self, node: LexborNode, number: int) -> str:
        """A CSS selector; those of the elements around are kept for the images that follow."""
        open_, paths = self._open, self._paths
        del paths[len(open_) :]
        while paths and paths[-1][0] is not open_[len(paths) - 1]:
            paths.pop()
        prefix = paths[-1][1] if paths else ""
        for item in open_[len(paths) :]:
            ancestor, _, count = item
            prefix += step(ancestor.tag or "*", count) + ">"
            paths.append((item, prefix))
        return prefix + step(node.tag or "*", number)


_HELD = {
    "figure": "_figures",
    "table": "_tables",
    "noscript": "_noscripts",
    "article": "_articles",
    "main": "_articles",
    "section": "_articles",
}


def read(html: bytes) -> Page:
    """The page's text and images, in reading order, of markup in UTF-8. Never raises for what is in the page."""
    tree = parse(html)
    page = Page(tree, find(tree))
    walk = _Walk(page)
    if tree.root is not None:
        walk.run(tree.root, page.found.flags)
    page.reading = Reading(walk.parts)
    return page
