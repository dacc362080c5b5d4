"""Sentences of the miniature web: small grammars, one a site and language, in the text files of the folder prose/.

A file has sections: `[name]`, then an alternative a line; `{name}` in a line stands for one of that section. What a
file lacks is taken from common.txt.
"""

import random
import re
from functools import cache
from importlib import resources

Sections = dict[str, tuple[str, ...]]

_SLOT = re.compile(r"\{(\w+)\}")
_DEPTH = 4
_ELSEWHERE = 0.03


@cache
def sections(name: str) -> Sections:
    """The sections of one file."""
    text = resources.files(__package__).joinpath("prose", f"{name}.txt").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            current = found.setdefault(line.strip("[]"), [])
        elif line:
            current.append(line)
    return {section: tuple(lines) for section, lines in found.items()}


class Prose:
    """Writes in the manner of one file; a sentence that was used lately isn't used again."""

    def __init__(self, name: str, rng: random.Random) -> None:
        self.sections = {**sections("common"), **sections(name)}
        self.rng = rng
        self._recent: list[str] = []

    def line(self, section: str, **given: str) -> str:
        """One line of the section, its slots filled, the first letter large."""
        return self._written(self.rng.choice(self.sections[section]), given)

    def lines(self, section: str, count: int) -> list[str]:
        """Up to `count` different lines of the section."""
        chosen = self.rng.sample(self.sections[section], min(count, len(self.sections[section])))
        return [self._written(line, {}) for line in chosen]

    def sentence(self) -> str:
        """A sentence that says nothing about the page's pictures; patterns used lately are avoided.

        A few sound like a description, but are about a picture somewhere else.
        """
        if self.rng.random() < _ELSEWHERE:
            return self.line("elsewhere")
        patterns = [pattern for pattern in self.sections["sentence"] if pattern not in self._recent]
        pattern = self.rng.choice(patterns)
        self._recent = [*self._recent, pattern][-min(9, len(self.sections["sentence"]) - 3) :]
        return self._written(pattern, {})

    def paragraph(self, low: int = 2, high: int = 5) -> str:
        """A paragraph of `low` to `high` such sentences."""
        return " ".join(self.sentence() for _ in range(self.rng.randint(low, high)))

    def proper_name(self) -> str:
        """An invented name of two words, for something that is shown."""
        return f"{self.line('name_first')} {self.line('name_last')}"

    def _written(self, pattern: str, given: dict[str, str]) -> str:
        text = self._filled(pattern, given, _DEPTH)
        # What slots bring together may have to be drawn into one: `de le` is `du` in French.
        for contraction in self.sections.get("contraction", ()):
            apart, _, together = contraction.partition(">")
            text = text.replace(apart, together)
        return _capital(text)

    def _filled(self, text: str, given: dict[str, str], depth: int) -> str:
        def fill(match: re.Match[str]) -> str:
            slot = match.group(1)
            if slot in given:
                return given[slot]
            if slot == "year":
                return str(self.rng.randint(1840, 2023))
            if slot == "number":
                return str(self.rng.randint(12, 390))
            if slot == "small":
                return str(self.rng.randint(2, 9))
            return self._filled(self.rng.choice(self.sections[slot]), given, depth - 1) if depth else slot

        return _SLOT.sub(fill, text)


def _capital(text: str) -> str:
    """The text with a large first letter, and after each full stop; slots bring small ones there."""
    text = re.sub(r"(?<!\d)([.?!] )([a-zà-ÿ])", lambda match: match.group(1) + match.group(2).upper(), text)
    return text[:1].upper() + text[1:]
