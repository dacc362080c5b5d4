"""What each stage after extract has decided about a candidate, and why, as far as tables and params tell."""

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from webpairs.dataset.selection import choose
from webpairs.explain.tables import Row, has_run, rows
from webpairs.page.around import windowed
from webpairs.params import Describe, Label, Params, Select
from webpairs.records import CANDIDATES, DESCRIPTIONS, EXAMPLES, IMAGES, PAIRS, SCORES
from webpairs.span.silver import example_of
from webpairs.span.splits import span_text

EXAMPLES_FOLDER = Path("data/examples")
DESCRIPTIONS_FOLDER = Path("data/descriptions")
VERDICTS_FILE = Path("data/images/verdicts.parquet")
SCORES_FILE = Path("data/scores/scores.parquet")
PAIRS_FILE = Path("data/pairs/pairs.parquet")

NOT_RUN = "has not run"
# A table that lacks the candidate, though by its own rules it can't: it was made of other candidates, or params.
STALE = "stale"
_DECORATION = "none: it is an icon, or stands on many pages, and no text of its own is around it"
_STALE = "it ran on other candidates or params than there are now: run `make all`"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A stage's verdict in a word, in words, and the rows of its table that it stands in."""

    stage: str
    verdict: str
    says: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def verdicts(candidate: Row, text: str, params: Params) -> list[Verdict]:
    """The verdicts of label, describe, fetch, score and select, in this order. `text` is the page's."""
    around = _windowed(candidate, text)
    return [
        _label(around, params.label),
        _describe(around, params.describe),
        _fetch(candidate),
        _score(candidate),
        _select(candidate, params.select),
    ]


def _windowed(candidate: Row, text: str) -> Row:
    pages = pl.DataFrame({"page_id": [candidate["page_id"]], "text": [text]})
    return windowed(pl.DataFrame([candidate], schema=CANDIDATES), pages).row(0, named=True)


def _label(candidate: Row, params: Label) -> Verdict:
    if not has_run(EXAMPLES_FOLDER):
        return Verdict("label", NOT_RUN)
    for row, file in rows(EXAMPLES_FOLDER, EXAMPLES, _is(candidate)):
        if row["start"] is None:
            says = [f"example in {file.stem} of an image without description: {row['kind']}"]
        else:
            says = [f"example in {file.stem}: {row['kind']}, {row['category']}", f"“{span_text(row)}”"]
        return Verdict("label", "example", says, [row])
    example, reasons = example_of(candidate, params)
    says = [f"{kind}: {reason}: {_why_no_example(reason, candidate, params)}" for kind, reason in reasons.items()]
    if example is None:
        return Verdict("label", "no_example", ["no example, as it has none of these texts:", *says])
    return Verdict(
        "label",
        "left_out",
        [
            "no example: by itself it would be one, but a text like it was an example already on this domain or of "
            "this image (duplicate), or stands on many pages (on_many_pages), or it or its window is like one in "
            "another split (in_two_splits), or there are enough without description (negatives_beyond_share); which "
            "of these was not kept",
        ],
    )


def _why_no_example(reason: str, candidate: Row, params: Label) -> str:
    """In words, with the params as they are now."""
    language = candidate["language"] or "not known"
    return {
        "no_text": "there is none",
        "only_credits": "it says only where the picture is from, or its number",
        "keywords": "it lists keywords",
        "other_language": f"the page's language is {language}, and label.language = {params.language}",
        "file_name": "it is a file's name",
        "too_short": f"it has fewer words than label.min_words = {params.min_words}",
        "too_long": f"it has more words than label.max_words = {params.max_words}",
        "nsfw": "it has words that are not safe for work",
        "not_in_text": "it doesn't stand in the text around the image",
    }[reason]


def _describe(candidate: Row, params: Describe) -> Verdict:
    if not has_run(DESCRIPTIONS_FOLDER):
        return Verdict("describe", NOT_RUN)
    found = [row for row, _ in rows(DESCRIPTIONS_FOLDER, DESCRIPTIONS, _is(candidate))]
    if not found:
        return Verdict("describe", STALE, [_STALE])
    row = found[0]
    if row["outcome"] == "decoration":
        return Verdict("describe", "decoration", [_DECORATION], found)
    if row["start"] is None:
        return Verdict("describe", "no_text", ["no description: there is no text around it"], found)
    window = (candidate["text_before"] or "") + (candidate["text_after"] or "")
    span = window[row["start"] : row["end"]]
    if row["description"] not in (None, span):
        return Verdict("describe", STALE, [_STALE], found)
    start, end = (candidate["window_start"] + row[edge] for edge in ("start", "end"))
    named = ((name, row[f"{name}_confidence"]) for name in ("start", "end", "average", "span", "none"))
    confidences = ", ".join(f"{name} {value:.4f}" for name, value in named)
    says = [
        f"{_why_no_answer(row['outcome'], params)}“{span}”",
        f"{start:,}–{end:,} of the page's text; right with probability {row['confidence']:.2f}; {confidences}",
    ]
    return Verdict("describe", row["outcome"], says, found)


def _why_no_answer(outcome: str, params: Describe) -> str:
    """In words, with the params as they are now, up to the best span; nothing where it is the answer."""
    return {
        "described": "",
        "none": "none: most likely nothing describes it; the best span would be ",
        "unsure": f"unsure, by describe.min_confidence = {params.min_confidence:g}; the best span would be ",
    }[outcome]


def _fetch(candidate: Row) -> Verdict:
    if not has_run(VERDICTS_FILE):
        return Verdict("fetch", NOT_RUN)
    urls = [source["url"] for source in candidate["urls"]]
    found = {row["image_url"]: row for row, _ in rows(VERDICTS_FILE, IMAGES, pl.col("image_url").is_in(urls))}
    if candidate["image_url"] not in found:
        return Verdict("fetch", STALE, [_STALE])
    ordered = [found[url] for url in urls if url in found]
    says = [line for row in ordered for line in _image(row)]
    if asked_not := len(urls) - len(ordered):
        says.append(f"not asked for: {asked_not} other URL{'s' * (asked_not > 1)} of it")
    return Verdict("fetch", found[candidate["image_url"]]["verdict"], says, ordered)


def _image(row: Row) -> list[str]:
    lines = [f"{row['verdict']}: {row['image_url']}"]
    facts = [f"from {row['origin']}"] if row["origin"] else []
    facts += [row["format"]] if row["format"] else []
    facts += [f"{row['width']}×{row['height']}"] if row["width"] is not None else []
    facts += [f"{row['bytes']:,} bytes"] if row["bytes"] is not None else []
    lines += [", ".join(facts)] if facts else []
    lines += [f"sha256 {row['sha256']}"] if row["sha256"] else []
    lines += [f"data/images/{row['tar']}: {row['member']}"] if row["tar"] else []
    return lines


def _score(candidate: Row) -> Verdict:
    if not has_run(SCORES_FILE):
        return Verdict("score", NOT_RUN)
    found = [row for row, _ in rows(SCORES_FILE, SCORES, _is(candidate))]
    if not found:
        return Verdict("score", "image_not_kept", ["not scored: only candidates whose image was kept are"])
    row = found[0]
    says = [
        f"image and {name}: {'no text, no score' if row[column] is None else format(row[column], '.4f')}"
        for name, column in (("description", "description_score"), ("alt text", "alt_score"))
    ]
    return Verdict("score", "scored", says, found)


def _select(candidate: Row, params: Select) -> Verdict:
    if not has_run(PAIRS_FILE):
        return Verdict("select", NOT_RUN)
    found = [row for row, _ in rows(PAIRS_FILE, PAIRS, _is(candidate))]
    if found:
        row = found[0]
        pairs = pl.scan_parquet(PAIRS_FILE).select("score").collect()["score"]
        rank = int((pairs > row["score"]).sum()) + 1
        place = f"in data/pairs/{row['tar']} as {row['key']}"
        return Verdict(
            "select", "kept", [f"kept in {row['split']}, {place}; rank {rank:,} of {pairs.len():,} by score"], found
        )
    if not has_run(SCORES_FILE) or not rows(SCORES_FILE, SCORES, _is(candidate)):
        return Verdict("select", "not_scored", ["no pair: it has no score"])
    reason, why = _why_no_pair(candidate["candidate_id"], params)
    return Verdict("select", reason, [f"no pair, {reason}: {why}"])


def _why_no_pair(candidate_id: str, params: Select) -> tuple[str, str]:
    """The reason and its words, by the scores and params as they are now."""
    columns = ("candidate_id", "sha256", "description", "description_score")
    scores = pl.read_parquet(SCORES_FILE, columns=list(columns))
    distinct = choose(scores, params.min_clip, None).kept.select(columns)
    own = scores.filter(pl.col("candidate_id") == candidate_id)
    place = distinct["candidate_id"].index_of(candidate_id)
    if place is not None and place < params.top_n:
        return STALE, _STALE
    if place is not None:
        return "beyond_top_n", f"its rank is {place + 1:,}, and select.top_n = {params.top_n:,}"
    # All of these go together, so what is dropped is this one, for the reason that it was dropped for among all.
    drops = choose(pl.concat([distinct, own]), params.min_clip, None).drops
    reason = next(reason for reason, count in drops.items() if count)
    return reason, {
        "no_text": "it has no description",
        "below_min_clip": f"its description's score is less than select.min_clip = {params.min_clip:g}",
        "duplicate_image": "a better pair has the same image",
        "duplicate_text": "a better pair has the same text",
    }[reason]


def _is(candidate: Row) -> pl.Expr:
    return pl.col("candidate_id").eq(candidate["candidate_id"])
