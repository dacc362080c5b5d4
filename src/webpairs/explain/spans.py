"""The spans that the model finds best around an image, the next best ones too."""

from dataclasses import dataclass
from pathlib import Path

from webpairs.explain.tables import Row

MODEL = Path("data/models/span")


@dataclass(frozen=True, slots=True)
class Ranked:
    """A span [start, end) of the page's text, and the model's confidences: `confidence` is that it is right."""

    text: str
    start: int
    end: int
    confidence: float
    start_confidence: float
    end_confidence: float
    none_confidence: float


def ranked(candidate: Row, text: str, count: int) -> list[Ranked]:
    """The best spans of a candidate (records.CANDIDATES) on a page with this text that don't overlap, the best first;
    none where there is no text around it.
    """
    # Both take seconds to import, and only this needs them.
    from webpairs.span.model import best_device, load_model
    from webpairs.span.prediction import k_best
    from webpairs.span.windows import Texts, file_name

    first, offset, last = (candidate[name] for name in ("window_start", "offset", "window_end"))
    if offset is None:
        return []
    own = Texts(text[first:offset], text[offset:last], (candidate["alt"] or ""), file_name(candidate["image_url"]))
    found = k_best(load_model(MODEL).to(best_device()), own, count)
    return [
        Ranked(
            text[first + start : first + end],
            first + start,
            first + end,
            float(found.confidence[row]),
            float(found.start_confidence[row]),
            float(found.end_confidence[row]),
            float(found.none_confidence[row]),
        )
        for row, (start, end) in enumerate(zip(found.start.tolist(), found.end.tolist(), strict=True))
    ]
