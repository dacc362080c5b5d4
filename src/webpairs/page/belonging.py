"""Which captions and headings of a page belong to which of its images, where no element says so."""

from bisect import bisect_left, bisect_right

from selectolax.lexbor import LexborNode

from webpairs.page.elements import pixels
from webpairs.page.walk import Image, Page, Scope

_CAPTION_LEVELS = 3  # up from a caption to what holds its image, too
_CARD_LEVELS = 6  # up from an image to what holds its heading, too
_ICON = 50  # pixels of a side up to which an image is a pin or a magnifying glass beside another one
_PAGE = ("body", "html")
_KEPT_AT_MOST = 100  # elements whose surroundings are remembered


class Belonging:
    """Looks up what is around the images of a page, and remembers it of those that were asked for last."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._places = [image.place for image in page.images]
        self._holders: dict[int, set[int]] = {}

    def captions(self) -> dict[int, Scope]:
        """By the number of an image, what is called a caption and belongs to it: the first of several.

        A caption belongs to the image before it, else to the one after it, in the innermost element, up to three levels
        up, that holds both; where an image stands in the caption and none directly before it, to that one. Several
        captions after as many images belong to them in order: rows of a table are such.
        """
        page = self._page
        said = [scope for scope in page.captions if scope.node.tag not in _PAGE and self._text(scope)]
        ends = sorted(scope.end for scope in said)
        found: dict[int, Scope] = {}
        runs: dict[tuple[int, int], list[Scope]] = {}  # by what holds them and the image before them
        for at, caption in enumerate(said):
            is_holder = at + 1 < len(said) and said[at + 1].start < caption.end
            number, holder, is_before = self._captioned(caption, is_holder)
            if number >= 0 and is_before:
                runs.setdefault((holder, number), []).append(caption)
            elif number >= 0:
                found.setdefault(number, caption)
        for (holder, number), captions in runs.items():
            closed = bisect_right(ends, self._places[number])
            since = ends[closed - 1] if closed else -1
            images = self._run(holder, number, since, len(captions) + 1)
            if len(images) == len(captions) > 1:
                found.update(zip(images, captions, strict=True))
            else:
                found.setdefault(self._no_icon(holder, number), captions[0])
        return found

    def headings(self) -> dict[int, Scope]:
        """By the number of an image, the heading of its card, which follows it; only where the last one is another's.

        A card is an element, up to six levels up, that has no other image, and no other heading of the same rank.
        """
        images, headings = self._page.images, self._page.headings
        shown = [number for number, image in enumerate(images) if not image.in_noscript]
        starts = [heading.start for heading in headings]
        found: dict[int, Scope] = {}
        for at, number in enumerate(shown):
            place = self._places[number]
            first = bisect_left(starts, place)
            if first == len(starts):
                break
            if at + 1 < len(shown) and self._places[shown[at + 1]] < starts[first]:
                continue
            if self._is_next(place, starts[first]) and self._text(headings[first]):
                beside = [images[other].node for other in (*shown[max(0, at - 1) : at], *shown[at + 1 : at + 2])]
                if self._is_card_of(images[number], headings[first], beside, headings[first + 1 : first + 2]):
                    found[number] = headings[first]
        return found

    def _is_card_of(self, image: Image, heading: Scope, beside: list[LexborNode], others: list[Scope]) -> bool:
        """Whether what holds both holds neither images `beside`, nor `others` of the rank, nor the heading before."""
        card = self._card(image, heading)
        if card is None:
            return False
        outside = beside + [other.node for other in others if other.node.tag == heading.node.tag]
        if image.heading is not None:
            outside.append(image.heading.node)
        return all(card not in self._around(node) for node in outside)

    def _is_next(self, place: int, then: int) -> bool:
        """Whether no text stands between two places."""
        reading = self._page.reading
        between = reading.within(place, then)
        return between.start == between.stop and reading.span(place, then) is None

    def _text(self, scope: Scope) -> bool:
        return scope.end >= 0 and self._page.reading.span(scope.start, scope.end) is not None

    def _around(self, node: LexborNode) -> set[int]:
        """`mem_id` of all elements around this one."""
        found = self._holders.get(node.mem_id)
        if found is None:
            if len(self._holders) == _KEPT_AT_MOST:
                self._holders.clear()
            found = self._holders[node.mem_id] = set()
            holder = node.parent
            while holder is not None:
                found.add(holder.mem_id)
                holder = holder.parent
        return found

    def _card(self, image: Image, heading: Scope) -> int | None:
        """The innermost element that holds both."""
        around = self._around(heading.node)
        holder = image.node.parent
        for _ in range(_CARD_LEVELS):
            if holder is None or holder.tag in _PAGE:
                return None
            if holder.mem_id in around:
                return holder.mem_id
            holder = holder.parent
        return None

    def _captioned(self, caption: Scope, is_holder: bool) -> tuple[int, int, bool]:
        """The number of its image or -1, what holds both, and whether the image stands before the caption."""
        images, reading = self._page.images, self._page.reading
        identity = caption.node.mem_id
        first, after = bisect_left(self._places, caption.start), bisect_right(self._places, caption.end)
        while first < after and identity not in self._around(images[first].node):
            if self._places[first] > caption.start:
                after = first
                break
            first += 1
        while after > first and identity not in self._around(images[after - 1].node):
            after -= 1
        before = first - 1
        has_inside = first < after
        is_next = (
            before >= 0
            and reading.span(self._places[before], self._places[first] if has_inside else caption.start) is None
        )
        if has_inside and (is_holder or not is_next):
            return first, identity, False
        holder = caption.node.parent
        for _ in range(_CAPTION_LEVELS):
            if holder is None or (holder.tag in _PAGE and (has_inside or not is_next)):
                break
            for number in (before, after):
                if 0 <= number < len(images) and holder.mem_id in self._around(images[number].node):
                    return number, holder.mem_id, number == before
            holder = holder.parent
        return (first, identity, False) if has_inside else (-1, 0, False)

    def _run(self, holder: int, last: int, since: int, at_most: int) -> list[int]:
        """The images up to the last one that stand in the holder and after a place; no more than are asked for."""
        found: list[int] = []
        number = last
        while number >= 0 and self._places[number] >= since and len(found) < at_most:
            image = self._page.images[number]
            if not image.in_noscript and holder in self._around(image.node):
                found.append(number)
            number -= 1
        return found[::-1]

    def _no_icon(self, holder: int, number: int) -> int:
        """The image before this one where this one is declared to be small, and stands beside it."""
        page, before = self._page, number - 1
        if before < 0 or not _is_icon(page.images[number]) or _is_icon(page.images[before]):
            return number
        is_beside = page.reading.span(self._places[before], self._places[number]) is None
        return before if is_beside and holder in self._around(page.images[before].node) else number


def _is_icon(image: Image) -> bool:
    sides = (pixels(image.attributes.get(side)) for side in ("width", "height"))
    return any(side is not None and side <= _ICON for side in sides)
