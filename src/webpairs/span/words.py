"""Words of a text, and texts that cannot be descriptions: file names, keywords and words not safe for work."""

import re
from collections import Counter
from functools import cache
from importlib.resources import files

# Scripts that write no spaces between words: there each character counts as a word.
_UNSPACED = "\u0e00-\u109f\u1780-\u17ff\u2e80-\ua4cf\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(f"[{_UNSPACED}]|[^\\W_{_UNSPACED}]+(?:['’][^\\W_]+)*")

# photo.jpg, and what some editors make of it: photo.jpg (39K)
_IMAGE_FILE = re.compile(
    r"\.(?:jpe?g|jfif|png|gif|webp|svg|bmp|tiff?|avif|heic|ico)\s*(?:\([^()]*\))?\s*$", re.IGNORECASE
)
_BETWEEN_KEYWORDS = re.compile(r"[,;|]")
_KEYWORDS = 4
_MANY_KEYWORDS = 8
_KEYWORD_WORDS = 3
_DESCRIPTIVE_WORDS = 3
_CAMERA_FILE = re.compile(r"(?:img|dscn?|dscf|pict?|image|photo|foto|scan|screen ?shot)[\s_-]*\d+", re.IGNORECASE)


def words(text: str) -> list[tuple[int, int]]:
    """Where the words of the text stand: spans [start, end), in order; independent of any model's tokenizer."""
    return [match.span() for match in _WORD.finditer(text)]


def is_file_name(text: str) -> bool:
    """Whether the text looks like the name of a file: DSC_0042, header-bg_2, my photo.jpg."""
    text = text.strip()
    if _IMAGE_FILE.search(text) or _CAMERA_FILE.fullmatch(text):
        return True
    return not re.search(r"\s", text) and bool(re.search(r"_|-.*\d|\d.*-", text))


def is_keywords(text: str) -> bool:
    """Whether the text lists what people search for, and is no sentence: parts of three words at most.

    Four of them at least, if half have a word in common; else there must be more for it not to be what a picture shows.
    """
    parts = [[part[start:end].lower() for start, end in words(part)] for part in _BETWEEN_KEYWORDS.split(text)]
    parts = [part for part in parts if part]
    if len(parts) < _KEYWORDS or max(map(len, parts)) > _KEYWORD_WORDS or re.search(r"[.!?]\s*$", text):
        return False
    common = Counter(word for part in parts for word in set(part)).most_common(1)[0][1]
    return 2 * common >= len(parts) or len(parts) >= _MANY_KEYWORDS


def is_descriptive(text: str) -> bool:
    """Whether the text has some words, and is neither the name of a file nor keywords."""
    return len(words(text)) >= _DESCRIPTIVE_WORDS and not is_file_name(text) and not is_keywords(text)


def is_nsfw(text: str) -> bool:
    """Whether a word or phrase of better-profanity's list stands in the text as whole words.

    The package's own matcher compares every word with some ten thousand spellings, which costs milliseconds a text and
    flags harmless words; only its list is used, without the words that ordinary captions contain.
    """
    listed = _listed()
    found = [text[start:end].lower() for start, end in words(text)]
    longest = max(map(len, listed))
    return any(
        tuple(found[start : start + length]) in listed
        for start in range(len(found))
        for length in range(1, min(longest, len(found) - start) + 1)
    )


@cache
def _listed() -> frozenset[tuple[str, ...]]:
    """The list as tuples of words; entries with other signs (sh!t) can't be found by words, and are left out.

    The list is made for chats. ordinary_words.txt has those of it that captions contain, too: a church organ, a flower
    pot, the Virgin Mary, a ski slope, Jackson Pollock, the surname Wang, Pride marches.
    """
    ordinary = set(files("webpairs.span").joinpath("ordinary_words.txt").read_text(encoding="utf-8").split())
    lines = files("better_profanity").joinpath("profanity_wordlist.txt").read_text(encoding="utf-8").split("\n")
    entries = (line.strip().lower() for line in lines)
    plain = (entry for entry in entries if re.fullmatch(r"[\w .-]+", entry) and entry not in ordinary)
    split = (tuple(entry[start:end] for start, end in words(entry)) for entry in plain)
    return frozenset(entry for entry in split if entry)
