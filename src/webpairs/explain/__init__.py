"""Everything that is known of one candidate: from the archive that it comes from to the verdict of the last stage."""

from dataclasses import dataclass
from typing import Any

from webpairs.explain.again import Again, again
from webpairs.explain.find import Listing, find
from webpairs.explain.spans import Ranked, ranked
from webpairs.explain.tables import Row, page_of
from webpairs.explain.verdicts import Verdict, verdicts
from webpairs.params import Params

AROUND = 300  # characters of the page's text on each side of an image that are shown


@dataclass(frozen=True, slots=True)
class Placed:
    """A text that may describe the image, and where it stands in the page's text; all None where it doesn't."""

    source: str
    text: str
    start: int | None
    end: int | None
    in_boilerplate: bool | None


@dataclass(frozen=True, slots=True)
class Explained:
    """A candidate, where it comes from, and what became of it."""

    candidate: Row  # records.CANDIDATES, less its texts
    page: Row  # records.PAGES, less its text and boilerplate
    archive: Again
    characters: int  # of the page's text
    before: str | None  # the page's text just before the image; None where the page doesn't show it
    after: str | None
    texts: list[Placed]
    verdicts: list[Verdict]
    spans: list[Ranked] | None  # the model's best, where they were asked for


def explain(given: str, params: Params, spans: int = 0) -> Explained | Listing:
    """What the tables in data/ and the archive say of a candidate; or a listing, where several are meant.

    With so many of the spans that the trained model, asked again, finds best.

    `given` is the ID of a candidate, which is also its pair's key, or of a page, or the first digits of one; or the URL
    of an image or a page. Raises WebpairsError where it means nothing, or isn't clear.
    """
    found = find(given)
    if isinstance(found, Listing):
        return found
    candidate, file = found
    page = page_of(candidate, file)
    offset, text = candidate["offset"], page["text"]
    return Explained(
        candidate={name: value for name, value in candidate.items() if name != "texts"},
        page={name: value for name, value in page.items() if name not in ("text", "boilerplate")},
        archive=again(candidate, page, params.extract),
        characters=len(text),
        before=None if offset is None else text[max(0, offset - AROUND) : offset],
        after=None if offset is None else text[offset : offset + AROUND],
        texts=[_placed(one, page["boilerplate"]) for one in candidate["texts"]],
        verdicts=verdicts(candidate, text, params),
        spans=ranked(candidate, text, spans) if spans else None,
    )


def _placed(text: Row, boilerplate: list[dict[str, Any]]) -> Placed:
    start, end = text["start"], text["end"]
    inside = None if start is None else any(span["start"] <= start and end <= span["end"] for span in boilerplate)
    return Placed(text["source"], text["text"], start, end, inside)
