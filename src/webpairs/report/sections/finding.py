"""How much of the descriptions the span model finds: all, some or none of each, and against the truth."""

from collections.abc import Mapping

from webpairs.report import figures, thesis
from webpairs.report.blocks import Block, Cell, Figure, Figures, Section, Table, Text, plain
from webpairs.report.run import Run
from webpairs.report.sections import confidence
from webpairs.report.tables import series
from webpairs.report.values import Form, cell, count, fixed, lookup, mapping, number, points, share, shown

MODEL = "span_model"
_MARKS = {"exact_match": "Exact match", "iou": "IoU", "precision": "Precision", "recall": "Recall", "f1": "F1"}
PARTS = ("all", "some", "none")
ANY = "any"
_NUMBERS = ("exact_match", "iou", "token_f1", "iou_le_5", "iou_ge_95", "none", "unsure")
_SHORT = {"near_before": "near bef.", "just_before": "just bef."}
CATEGORIES = {
    "random": "any",
    "name": "names",
    "just_after": "just after",
    "just_before": "just before",
    "near_after": "near, after",
    "near_before": "near, before",
    "deep": "deep in the text",
}
SYSTEMS = {
    "span_model": "span model",
    "alt_text": "the alt text",
    "nearest_paragraph": "the nearest paragraph",
    "longest_sentence": "the longest sentence",
    "figcaption": "the figcaption",
    "untrained": "the encoder, untrained",
}
PLACES = {
    "figcaption": "in a figcaption",
    "just_before": "in the paragraph just before",
    "just_after": "in the paragraph just after",
    "deep": "deep in the text",
    "name": "a name",
    "alt_only": "in the alt text alone",
    "nowhere": "nowhere",
}


def quality(run: Run) -> Section:
    """On unseen domains: all, some or none of a description found, as table 6.1; and against the truth."""
    blocks: list[Block] = [_test_examples(run)]
    blocks += _by_category(run)
    blocks += _by_truth(run)
    blocks += _by_gold(run)
    blocks += confidence.none(run)
    blocks += confidence.calibration(run)
    return Section("quality", "Span model: what it finds", blocks)


def _test_examples(run: Run) -> Table:
    """The numbers of all test examples, and of those of each category."""
    known = {row["category"]: row for row in run.tables.get("evaluate_span/categories", [])}
    rows = []
    for category, name in {**CATEGORIES, "none": "without description"}.items():
        own = known.get(ANY if category == "random" else category, {})
        cells = [fixed(float(own[part]) if own.get(part) else None, share) for part in _NUMBERS]
        metric = "evaluate_span.test.abstention.without_description" if category == "none" else f"{_metric(category)}.n"
        rows.append([plain(name), cell(run.metrics, metric, count), *cells])
    head = (
        "On unseen domains",
        "Examples",
        "Exact match",
        "Mean IoU",
        "Token F1",
        "IoU ≤ 5 %",
        "IoU ≥ 95 %",
        "Says none",
        "Unsure",
    )
    note = (
        "Categories are by place: just before and after the image are at most 150 characters, near at most 400, deep "
        "more. Any is all that have a description; the thesis's random examples were drawn from all. Match, IoU and F1 "
        "are of the best span, whether the model answers with it or not. Most examples are where the alt text "
        "stands, which the input may tell: how well descriptions are found, the tables of truth and gold show."
    )
    return Table(head, rows, "Span model on the test examples", note=note)


def _by_category(run: Run) -> list[Block]:
    """Table 6.1 and figure 6.3 of the thesis, there read by hand, here measured."""
    rows: list[list[Cell]] = []
    drawn: list[tuple[str, Mapping[str, float]]] = []
    for category, name in CATEGORIES.items():
        by_hand = thesis.BY_HAND.get(category)
        own = _parts(run, category)
        rows.append([plain(name), *_of_thesis(by_hand), *_of_run(run, own, _metric(category))])
        drawn += [(f"{name}, thesis", by_hand)] if by_hand else []
        drawn += [(f"{name}, this run", {part: own[part] for part in PARTS})] if own.get("n") else []
    head = ("Examples", *(f"Thesis: {part}" for part in PARTS), "n", *(f"This run: {part}" for part in PARTS), "n")
    note = (
        "The thesis counted by hand how many descriptions were recognised whole, in part and not at all. Here whole is "
        "an IoU of 95 % or more, none one of 5 % or less, over all test examples of a kind."
    )
    chart = figures.shares(drawn, "Descriptions found whole, in part and not at all")
    charts = [Figure(chart, "Shares of examples whose description was found whole, in part, not at all.")]
    by_iou = series(run, "evaluate_span/iou_by_category", "category", "bin", "share")
    if by_iou:
        named = {_SHORT.get(name, name.replace("_", " ")): values for name, values in by_iou.items()}
        heat = figures.heat(named, "IoU, %, by category", "Distribution of IoU by category")
        charts.append(Figure(heat, "IoU of the test examples by category; the darker, the more examples."))
    return [Table(head, rows, "How much of the description is found", note=note), Figures(charts)]


def _parts(run: Run, category: str) -> dict[str, float]:
    """Shares of examples whose description was found whole, in part and not; empty where they aren't known."""
    metric = _metric(category)
    whole, none = (number(lookup(run.metrics, f"{metric}.{name}")) for name in ("iou_ge_95", "iou_le_5"))
    size = number(lookup(run.metrics, f"{metric}.n"))
    if whole is None or none is None or size is None:
        return {}
    return dict(zip(PARTS, (whole, max(0.0, 1 - whole - none), none), strict=True)) | {"n": size}


def _metric(category: str) -> str:
    return "evaluate_span.test" if category == "random" else f"evaluate_span.test.by_category.{category}"


def _of_thesis(counts: Mapping[str, float] | None) -> list[Cell]:
    if counts is None:
        return [fixed(None)] * (len(PARTS) + 1)
    size = sum(counts.values())
    return [*(fixed(counts[part] / size, share) for part in PARTS), fixed(size, count)]


def _of_run(run: Run, parts: Mapping[str, float], metric: str) -> list[Cell]:
    if not parts:
        return [fixed(None)] * len(PARTS) + [cell(run.metrics, f"{metric}.n", count)]
    return [*(fixed(parts[part], share) for part in PARTS), fixed(parts["n"], count)]


def _by_truth(run: Run) -> list[Block]:
    """Against the truth of the miniature web, where it is among the inputs."""
    scopes = mapping(run.metrics, "evaluate_span.truth")
    if not scopes:
        return [Text("There is no truth to compare with: real archives don't say what their images show.")]
    return [
        Text("The miniature web knows what each of its images shows and where it says so; these are its test sites."),
        _systems(run, "truth.text", "Images whose description stands in the page's text"),
        _systems(run, "truth.page", "All images; where the page's text describes one not, none is right"),
        _systems(run, "truth.overall", "All images; what the alt attribute alone says is right, too"),
        *_places(run, "truth"),
    ]


def _by_gold(run: Run) -> list[Block]:
    """Against the gold set, where its archives are among the inputs."""
    if not mapping(run.metrics, "evaluate_span.gold"):
        return []
    agreed = [lookup(run.metrics, f"evaluate_span.gold.agreement.{name}") for name in ("kappa_of_none", "token_f1")]
    kappa, f1 = (number(value) for value in agreed)
    said = f" The two passes agree by a kappa of {kappa:.2f} on none, and by F1 {f1:.2f} on descriptions." * (
        kappa is not None and f1 is not None
    )
    return [
        Text(f"The gold set: images of real pages, described by hand, or found to be described by nothing.{said}"),
        _systems(run, "gold.text", "Gold images whose description stands in the page's text"),
        _systems(run, "gold.page", "All gold images; where the page's text describes one not, none is right"),
    ]


def _systems(run: Run, scope: str, caption: str) -> Table:
    rows = []
    for system, name in SYSTEMS.items():
        metric = f"evaluate_span.{scope}.{system}"
        marks = [cell(run.metrics, f"{metric}.{part}", share, part == "f1") for part in _MARKS]
        ahead = fixed(None) if system == MODEL else _between(run, metric, "difference", points)
        rows.append([plain(name), *marks, _between(run, metric, "f1", share), ahead])
    images = number(lookup(run.metrics, f"evaluate_span.{scope}.{MODEL}.n"))
    head = ("Answer", *_MARKS.values(), "F1, 95 % interval", "Span model ahead, F1 points")
    note = (
        "Words of the answer against words of the true description, in any order; exact match and IoU are means over "
        "the images that have one. Intervals by resampling pages."
    )
    sized = f"{caption} ({count(images)} images)" if images is not None else caption
    return Table(head, rows, sized, note=note)


def _between(run: Run, metric: str, name: str, form: Form) -> Cell:
    """A value's 95 % interval, with the value before it where it is a difference."""
    mean, low, high = (number(lookup(run.metrics, f"{metric}.{name}{end}")) for end in ("", "_low", "_high"))
    if mean is None or low is None or high is None:
        return shown(None, name=f"{metric}.{name}_low")
    head = f"{form(mean)} " if name == "difference" else ""
    return Cell(f"{head}[{form(low)}, {form(high)}]", numeric=True)


def _places(run: Run, name: str) -> list[Block]:
    """F1 of each system by place; it is 0 where there is no description."""
    asked = [row for row in run.tables.get("evaluate_span/places", []) if row["set"] == name]
    table = {(row["place"], row["system"]): row for row in asked}
    rows = []
    for place, shown_as in PLACES.items():
        found = [table.get((place, system), {}) for system in SYSTEMS]
        if any(found):
            cells = [fixed(float(row["f1"]) if row.get("f1") else None, share) for row in found]
            rows.append([plain(shown_as), fixed(float(found[0].get("n") or 0), count), *cells])
    if not rows:
        return []
    note = "Where the description is nowhere there is nothing to find, and every answer is wrong: F1 is 0 there."
    return [Table(("The description stands …", "Images", *SYSTEMS.values()), rows, "F1 by place", note=note)]
