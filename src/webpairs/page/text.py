"""Text as a reader sees it, and the windows of it around an image."""

import re
from unicodedata import is_normalized, normalize

from resiliparse.parse.lang import detect_fast

LANGUAGE_TEXT_AT_LEAST = 60  # characters that a guess at the language takes
LANGUAGE_TEXT_AT_MOST = 50_000
CUT_WITHIN = 40  # characters that a window gives up to begin or end with a whole word

# What takes no place on the screen: soft hyphens, zero width spaces, marks of direction, control characters. Joiners
# stay: Persian words and many emoji are spelled with them.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)


def tidy(raw: str) -> str:
    """The text in NFC, every run of white space as one space, none at the ends, nothing invisible."""
    text = " ".join(raw.split())
    if not text.isprintable():
        text = " ".join(_INVISIBLE.sub("", text).split())
    return text if is_normalized("NFC", text) else normalize("NFC", text)


class GrowingText:
    """Text as it grows, with white space held back until something follows it."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.pending = ""

    def add(self, raw: str) -> None:
        """Adds the text of one node."""
        clean = " ".join(raw.split())
        if not (clean.isascii() and clean.isprintable()):
            clean = tidy(clean)
        if not clean:
            self.pending = self.pending or " "
            return
        if self.length and (self.pending or raw[0].isspace()):
            clean = (self.pending or " ") + clean
        self.parts.append(clean)
        self.length += len(clean)
        self.pending = " " if raw[-1].isspace() else ""

    def since(self, part: int) -> str:
        """What was added since there were so many parts."""
        return "".join(self.parts[part:]).strip()


def language_of(text: str) -> str:
    """ISO 639-1 code of the language that the text looks like; "" where it is too short or like none."""
    if len(text) < LANGUAGE_TEXT_AT_LEAST:
        return ""
    language, _ = detect_fast(text[:LANGUAGE_TEXT_AT_MOST])
    return "" if language == "unknown" else language


def window(text: str, offset: int, before: int, after: int) -> tuple[int, int, int]:
    """Where the window around an offset begins, that offset, and where the window ends.

    It has at most `before` and `after` characters, and begins and ends with a whole word where one is near. In `text`,
    white space is " " or "\n".
    """
    start, end = max(0, offset - before), min(len(text), offset + after)
    if start and text[start - 1] not in " \n":
        nearby = min(start + CUT_WITHIN, offset)
        start = min(
            (at for at in (text.find(" ", start, nearby), text.find("\n", start, nearby)) if at >= 0), default=start
        )
    if end < len(text) and text[end] not in " \n":
        nearby = max(end - CUT_WITHIN, offset)
        end = max(text.rfind(" ", nearby, end), text.rfind("\n", nearby, end)) + 1 or end
    return start, offset, end
