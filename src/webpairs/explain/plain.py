"""Words from the web made fit for a terminal: nothing in them acts on it, and no line is too long."""

from unicodedata import category, combining, east_asian_width

WIDTH = 100
_INDENT = 2
_LABELS = 18  # columns, with the space behind them

_BETWEEN = "/>&?;,"

# Persian words and many emoji are spelled with these.
_JOINERS = "\u200c\u200d"


def harmless(text: str) -> str:
    """The text with codes such as `\\x1b` and `\\u202e` in place of all that a terminal obeys instead of showing it.

    Those are control characters, escape sequences, marks of direction, and whatever else doesn't show itself. Line
    breaks stay; other white space becomes spaces.
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def one_line(text: str, at_most: int | None = None) -> str:
    """The text, harmless and on one line; of at most so many columns, cut with an ellipsis."""
    line = " ".join(harmless(text).split())
    if at_most is None or columns(line) <= at_most:
        return line
    return _first(line, at_most - 1) + "…"


def cut(text: str, at_most: int) -> str:
    """The text, or its first `at_most` characters with a note of how long it is."""
    return text if len(text) <= at_most else f"{text[:at_most]}… ({len(text):,} characters)"


def columns(text: str) -> int:
    """How many columns the text takes on a terminal."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def wrap(text: str, width: int) -> list[str]:
    """The text, harmless, in lines of at most `width` columns; words that are longer are broken."""
    lines: list[str] = []
    for paragraph in harmless(text).split("\n"):
        line = ""
        for word in paragraph.split():
            rest = word
            while (line and columns(line) + 1 + columns(rest) > width) or columns(rest) > width:
                left = width - columns(line) - 1 if line else width
                if columns(rest) > width and left >= width // 4:
                    part = _part(_first(rest, left))
                    line, rest = f"{line} {part}".lstrip(), rest[len(part) :]
                lines.append(line)
                line = ""
            line = f"{line} {rest}".lstrip()
        lines.append(line)
    return lines


class Sheet:
    """Headings, and labels with what they stand for, in WIDTH columns; headings are bold where that is wanted."""

    def __init__(self, bold: bool) -> None:
        self._bold = bold
        self._lines: list[str] = []

    def heading(self, text: str) -> None:
        line = one_line(text, WIDTH)
        self._lines += ["", f"\x1b[1m{line}\x1b[0m" if self._bold else line]

    def field(self, label: str, text: str) -> None:
        """A label and a text beside it, or below it where the label is long."""
        beside = _INDENT + _LABELS
        start = " " * _INDENT + one_line(label, WIDTH - _INDENT)
        if columns(start) >= beside:
            self._lines.append(start)
            start = ""
        for line in wrap(text, WIDTH - beside):
            self._lines.append((start + " " * (beside - columns(start)) + line).rstrip())
            start = ""

    def block(self, text: str) -> None:
        """A text of its own."""
        self._lines += [(" " * _INDENT + line).rstrip() for line in wrap(text, WIDTH - _INDENT)]

    def table(self, cells: list[tuple[str, ...]], widths: tuple[int, ...]) -> None:
        """Rows of cells, each cut to the columns that it may take, two between them."""
        for row in cells:
            shown = [one_line(cell, width) for cell, width in zip(row, widths, strict=True)]
            padded = (cell + " " * (width - columns(cell)) for cell, width in zip(shown, widths, strict=True))
            self._lines.append(" " * _INDENT + "  ".join(padded).rstrip())

    def text(self) -> str:
        return "\n".join(self._lines).lstrip("\n") + "\n"


def _shown(character: str) -> str:
    if character.isprintable() or character == "\n" or character in _JOINERS:
        return character
    if character == "\t" or category(character) == "Zs":
        return " "
    return character.encode("ascii", "backslashreplace").decode() if character > "\x7f" else f"\\x{ord(character):02x}"


def _columns(character: str) -> int:
    if combining(character) or character in _JOINERS:
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def _part(word: str) -> str:
    """As much of a part of a word as to end with a sign between parts of URLs and paths, where one is near its end."""
    end = max(word.rfind(sign) for sign in _BETWEEN) + 1
    return word[:end] if end > len(word) // 2 else word


def _first(text: str, width: int) -> str:
    """As much of the text as fits, at least a character."""
    if text.isascii():
        return text[: max(1, width)]
    used = 0
    for number, character in enumerate(text):
        used += _columns(character)
        if used > width and number:
            return text[:number]
    return text
