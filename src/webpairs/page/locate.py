"""Where a text that describes an image stands in the text around it, compared as `normalise` does."""

from collections.abc import Sequence

from webpairs.page.normalise import find, words
from webpairs.page.text import Span, window

NOWHERE = (-1, -1)


class Located:
    """Looks for texts in the windows around a page's images, mostly without normalising these.

    A window that doesn't hold all words of a text can't hold the text; one that holds it letter for letter does.
    """

    def __init__(self, text: str, offsets: Sequence[int], before: int, after: int) -> None:
        self._text = text
        self.windows = [window(text, offset, before, after) for offset in offsets]
        self._lower = _lower(text)
        # Compared texts have no apostrophes.
        self._has_apostrophes = "'" in text or "’" in text
        self._plain = (-1, "")  # the window of this number without them
        self._sides = (-1, ("", ""))  # and as they are compared, before and after the image

    def place(self, wanted: str, number: int) -> Span:
        """Where `wanted` stands in the window of this number, whole on one side of its middle; else NOWHERE.

        Of several places the nearest to the middle, where the text stands letter for letter before others.
        """
        compared = words(wanted)
        start, middle, end = self.windows[number]
        if not compared or len(compared) > max(middle - start, end - middle):
            return NOWHERE
        plain = self._without_apostrophes(number)
        parts = set(compared.split(" "))
        if max(parts, key=len) not in plain or not all(map(plain.__contains__, parts)):
            return NOWHERE
        spans = self._verbatim(_lower(wanted), start, middle, end)
        if not spans:
            before, after = self._as_compared(number)
            spans = self._compared(wanted, start, middle) if compared in before else []
            spans += self._compared(wanted, middle, end) if compared in after else []
        return min(spans, key=lambda span: _distance(span, middle), default=NOWHERE)

    def _without_apostrophes(self, number: int) -> str:
        known, plain = self._plain
        if known != number:
            start, _, end = self.windows[number]
            plain = self._lower[start:end]
            if self._has_apostrophes:
                plain = plain.replace("'", "").replace("’", "")
            self._plain = number, plain
        return plain

    def _as_compared(self, number: int) -> tuple[str, str]:
        """The sides of a window as they are compared."""
        known, sides = self._sides
        if known != number:
            start, middle, end = self.windows[number]
            sides = words(self._text[start:middle]), words(self._text[middle:end])
            self._sides = number, sides
        return sides

    def _verbatim(self, wanted: str, start: int, middle: int, end: int) -> list[Span]:
        found = []
        for at in (self._lower.rfind(wanted, start, middle), self._lower.find(wanted, middle, end)):
            if at >= 0 and self._is_edge(at - 1, at) and self._is_edge(at + len(wanted), at + len(wanted) - 1):
                found.append((at, at + len(wanted)))
        return found

    def _is_edge(self, outside: int, inside: int) -> bool:
        """Whether a word begins or ends between these two neighbours."""
        if not 0 <= outside < len(self._lower):
            return True
        beside = self._lower[outside]
        return not (beside.isalnum() or beside in "'’_") or not self._lower[inside].isalnum()

    def _compared(self, wanted: str, start: int, end: int) -> list[Span]:
        return [(start + low, start + high) for low, high in find(wanted, self._text[start:end])]


def _distance(span: Span, middle: int) -> int:
    return middle - span[1] if span[1] <= middle else span[0] - middle


def _lower(text: str) -> str:
    # İ is the one character whose lower case is longer than itself; lengths must not change.
    return text.replace("İ", "i").lower()
