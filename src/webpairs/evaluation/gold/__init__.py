"""The gold set: images of real archives with the text that describes them, labelled by hand, twice.

gold.tsv holds no text of the pages: where an image stands (archive, record, DOM path), and where its description stands
in the page's text, as offsets, lengths and digests. See GUIDELINES.md for what counts as a description. Nothing is ever
trained on these images: their domains go to the test split. A domain's images are either for choosing (VALIDATION),
of recipes and thresholds, or to judge what was chosen (TEST).
"""

import hashlib
from collections.abc import Iterable, Sequence
from importlib.resources import files
from io import StringIO
from typing import Any, NamedTuple

import polars as pl

from webpairs.evaluation.spans import token_f1

SCHEMA = {
    "archive": pl.String,  # the file's name
    "domain": pl.String,
    "record_digest": pl.String,  # of the page's body, as records.PAGES has it
    "record_offset": pl.Int64,
    "dom_path": pl.String,
    "kind": pl.String,  # caption, sentence, heading, label or none: the kind of place
    "spans": pl.String,  # start:length:digest of the answer and of what is as good, apart by spaces; "" for none
    "first": pl.String,  # the answer of the first pass, in the same form
    "second": pl.String,  # that of the second
}
_DIGITS = 16
NONE = "none"
VALIDATION, TEST = "validation", "test"


class Place(NamedTuple):
    """A text in a page, without the text: where it begins in the page's text, its length, and its digest."""

    start: int
    length: int
    digest: str

    def __str__(self) -> str:
        return f"{self.start}:{self.length}:{self.digest}"


def read() -> pl.DataFrame:
    """The rows of gold.tsv, as SCHEMA."""
    content = files("webpairs.evaluation.gold").joinpath("gold.tsv").read_text(encoding="utf-8")
    frame = pl.read_csv(StringIO(content), separator="\t", schema=SCHEMA, quote_char=None)
    return frame.with_columns(pl.col(pl.String).fill_null(""))


def domains() -> set[str]:
    """The domains of the gold images."""
    return set(read()["domain"])


def split_of(domain: str) -> str:
    """VALIDATION or TEST: as good as drawn, but the same whatever is added to the table."""
    return VALIDATION if hashlib.sha256(domain.encode()).digest()[3] % 2 else TEST


def of_split(name: str) -> pl.DataFrame:
    """The rows of read() whose domain is in this split."""
    frame = read()
    return frame.filter(pl.Series([split_of(domain) == name for domain in frame["domain"]], dtype=pl.Boolean))


def place(text: str, start: int, end: int) -> Place:
    """The place of a span in a page's text."""
    return Place(start, end - start, _digest(text[start:end]))


def places(written: str) -> list[Place]:
    """What a column of places holds."""
    parts = (one.split(":") for one in written.split())
    return [Place(int(start), int(length), digest) for start, length, digest in parts]


def text_at(text: str, wanted: Place) -> str | None:
    """The text that was labelled, found again where the page's text has changed before it; None where it's gone."""
    last = len(text) - wanted.length
    # Nearest first: extraction that reads a page a little differently moves texts by a little.
    for start in sorted(range(last + 1), key=lambda start: abs(start - wanted.start)):
        found = text[start : start + wanted.length]
        if _digest(found) == wanted.digest:
            return found
    return None


def join(candidates: pl.DataFrame, pages: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The candidates (records.WINDOWED) that are gold images, with `true` and `place`, as places.join_truth has them.

    `pages` are records.PAGES. The second value counts the gold images of these pages that are no candidates any more,
    or whose text is gone.
    """
    own = pages.select("page_id", "record_digest", "text").join(read(), "record_digest", maintain_order="left")
    # An archive may hold the same page several times: each image counts once.
    own = own.unique(["record_digest", "dom_path"], keep="first", maintain_order=True)
    joined = own.join(candidates, ["page_id", "dom_path"], maintain_order="left", suffix="_of_candidate")
    lost = own.height - joined.height
    true: list[list[str] | None] = []
    for text, spans in joined.select("text", "spans").iter_rows():
        found = [text_at(text, one) for one in places(spans)]
        true.append(None if found and found[0] is None else [one for one in found if one is not None])
    named = pl.when(pl.col("kind") == NONE).then(pl.lit("nowhere")).otherwise("kind")
    found_again = pl.Series("true", true, pl.List(pl.String))
    joined = joined.with_columns(found_again, place=named, position=pl.int_range(pl.len()))
    kept = joined.filter(pl.col("true").is_not_null())
    return kept.select(*candidates.columns, "true", "place", "position"), lost + joined.height - kept.height


def agreement(pages: pl.DataFrame) -> dict[str, Any]:
    """How far the two passes agree: on whether there is a description (Cohen's kappa), and on which (token F1)."""
    labelled = pages.select("record_digest", "text").unique("record_digest").join(read(), "record_digest")
    pairs = [
        (_texts(row["text"], row["first"]), _texts(row["text"], row["second"]))
        for row in labelled.iter_rows(named=True)
    ]
    both = [(one, other) for one, other in pairs if one and other]
    f1s = [token_f1(one[0], other[0]) for one, other in both]
    return {
        "images": len(pairs),
        "kappa_of_none": kappa([(bool(one), bool(other)) for one, other in pairs]),
        "both_described": len(both),
        "token_f1": sum(f1s) / len(f1s) if f1s else None,
    }


def kappa(pairs: Sequence[tuple[bool, bool]]) -> float | None:
    """Cohen's kappa of two raters' yes and no; None where it has no meaning, as all is the same."""
    if not pairs:
        return None
    agreed = sum(one == other for one, other in pairs) / len(pairs)
    yes = [sum(pair[rater] for pair in pairs) / len(pairs) for rater in (0, 1)]
    by_chance = yes[0] * yes[1] + (1 - yes[0]) * (1 - yes[1])
    return None if by_chance == 1 else (agreed - by_chance) / (1 - by_chance)


def _texts(text: str, written: str) -> list[str]:
    found: Iterable[str | None] = (text_at(text, one) for one in places(written))
    return [one for one in found if one is not None]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
