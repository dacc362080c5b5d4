"""What captions hold beside a description: who took the picture, whose it is, and its number."""

import re

_PICTURE = (
    r"(?:photo(?:graph(?:er|y|s)?)?s?|pictures?|images?|illustrations?|drawings?|graphics?|artwork|figures?|fig|plate)"
)
_RIGHTS = r"(?:Â?©|\(c\)|copyright|all rights reserved|creative commons|cc[ -]by\b|public domain)"
# A sentence, or a line, that says nothing but where the picture is from.
_CREDIT = re.compile(
    rf"(?:{_RIGHTS}"
    rf"|{_PICTURE}\s*(?:credits?\b|courtesy\b|by\b|from\b|via\b|[:/©])"
    r"|credits?\b\s*[:/]?|courtesy\b|source\s*:|via\b|taken by\b)",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    rf"(?:{_PICTURE}|table|abb(?:ildung)?|no)\b\.?\s*\(?(?:\d+|[ivxlc]+\b|[a-z]\b)(?:[.\-–]\d+)*[a-z]?\)?\s*[.:–—-]*\s*",
    re.IGNORECASE,
)
_ACTION = re.compile(r"\(?(?:click|tap)\b[^.()]*\b(?:enlarge|larger|zoom|full)\b[^.()]*\)?\.?", re.IGNORECASE)
# Sentences and lines; an initial or a number with a point is within one.
_PART = re.compile(r"\n|(?<=[.!?…)\]])(?<!\([cC]\))(?<![ .][A-Z][.])\s+(?=[^\s\d])|\s+(?=[(\[])|\s[|·•–—]\s")
_IN_BRACKETS = re.compile(r"[\s\[(]+")

# How long a credit may be that stands within brackets, or ends a caption: more than that says something.
_WORDS_AT_MOST = 14

Span = tuple[int, int]


def description(text: str) -> Span:
    """The part [start, end) of a caption that describes, without number, credits and "click to enlarge".

    Empty where nothing does.
    """
    spans = [span for span in _parts(text) if not _says_nothing(text[slice(*span)])]
    if not spans:
        return 0, 0
    start, end = spans[0][0], spans[-1][1]
    number = _NUMBER.match(text, start, end)
    start = number.end() if number and number.end() < end else start
    return start, end


def _parts(text: str) -> list[Span]:
    """Sentences and lines, without white space around them."""
    spans, start = [], 0
    for between in [*_PART.finditer(text), None]:
        end = between.start() if between else len(text)
        own = text[start:end]
        if own.strip():
            spans.append((start + len(own) - len(own.lstrip()), start + len(own.rstrip())))
        start = between.end() if between else len(text)
    return spans


def _says_nothing(part: str) -> bool:
    opened = None if _CREDIT.match(part) else _IN_BRACKETS.match(part)
    begin = opened.end() if opened else 0
    number = _NUMBER.match(part, begin)
    begin = number.end() if number else begin
    rest = part[begin:].strip(" .)]")
    is_credit = _CREDIT.match(part, begin) is not None and len(rest.split()) <= _WORDS_AT_MOST
    return not rest or is_credit or _ACTION.fullmatch(rest) is not None
