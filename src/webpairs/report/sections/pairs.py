"""Scores and confidences of the extracted pairs, the two methods beside each other, and samples."""

from webpairs.report import figures, thesis
from webpairs.report.blocks import Block, Cell, Figure, Figures, Pairs, Section, Table, Text, plain
from webpairs.report.run import Run
from webpairs.report.tables import QUARTILES, boxes, interval_cell, quartile_row, series, thesis_row
from webpairs.report.values import cell, count, decimal, fixed, mapping, number, share, shown

METHODS = (("description", "description found in the page"), ("alt", "alt text"))
SCORES = {
    "selected pairs": "select.score",
    "all descriptions": "score.description_score",
    "all alt texts": "score.alt_score",
}
COVERAGE = (
    ("description", "a description"),
    ("alt", "an alt text"),
    ("both", "both"),
    ("only_description", "only a description"),
    ("only_alt", "only an alt text"),
    ("neither", "neither"),
)
YIELD = (
    ("pairs", "Pairs by threshold", "Pairs that each method gives at a threshold, selected by the same rules."),
    ("right", "Right pairs by threshold", "Share of these pairs whose text is the image's true description."),
)


def scores(run: Run) -> Section:
    """CLIP scores, confidences, and how the two go together."""
    judged = run.stand_ins("clip")
    rows = [
        thesis_row("thesis: extracted pairs", thesis.CLIP_SCORE),
        *(quartile_row(run, f"this run: {name}", metric) for name, metric in SCORES.items()),
    ]
    blocks: list[Block] = [Table(("CLIP score", *QUARTILES), rows, "CLIP score of image and text", judged)]
    chart = figures.boxes([("thesis", thesis.CLIP_SCORE), *boxes(run, SCORES)], "CLIP score", "CLIP scores")
    charts = [Figure(chart, "From minimum to maximum, box from Q1 to Q3.", judged)]
    by_method = series(run, "score/histogram", "source", "low", "count")
    if by_method:
        chart = figures.histogram(by_method, "CLIP score", "texts", "Distribution of CLIP scores")
        charts.append(Figure(chart, "How many texts have which score.", judged))
    blocks.append(Figures(charts))
    return Section("scores", "CLIP scores of the pairs", blocks)


def confidences(run: Run) -> Section:
    """Table 6.2 and figures 6.5 and 6.6 of the thesis."""
    rows, drawn = [], []
    for name, values in thesis.CONFIDENCES.items():
        rows += [
            thesis_row(f"{name}: thesis", values),
            quartile_row(run, f"{name}: this run", f"describe.confidence.{name}"),
        ]
        drawn += [(f"{name}, thesis", values), *boxes(run, {f"{name}, this run": f"describe.confidence.{name}"})]
    blocks: list[Block] = [
        Table(("Confidence", *QUARTILES), rows, "Confidence of the span model"),
        Figure(figures.boxes(drawn, "confidence", "Confidences"), "The thesis's confidences and this run's."),
    ]
    head = ("Confidence and CLIP score", "Pearson's r", "95 % interval", "p", "n")
    of_thesis = [
        plain("span: thesis"),
        fixed(thesis.CORRELATION),
        fixed(None),
        fixed(thesis.CORRELATION_P),
        fixed(None),
    ]
    own = [_correlation_row(run, name) for name in ("span", "calibrated")]
    note = "Of the descriptions that are given, so not where the model is unsure; the thesis gave every image one."
    caption = "Do confident spans fit their images?"
    blocks.append(Table(head, [of_thesis, *own], caption, run.stand_ins("clip"), note=note))
    points = [
        (float(row["span_confidence"]), float(row["score"]))
        for row in run.tables.get("compare/scatter", [])
        if row["span_confidence"] and row["score"]
    ]
    if points:
        chart = figures.scatter(points, "span confidence", "CLIP score", "Span confidence against CLIP score")
        blocks.append(Figure(chart, f"{len(points)} descriptions and the least-squares line.", run.stand_ins("clip")))
    return Section("confidences", "Confidence of the span model", blocks)


def _correlation_row(run: Run, confidence: str) -> list[Cell]:
    name = f"compare.confidence_correlation.{confidence}"
    low, high = (number(mapping(run.metrics, name).get(end)) for end in ("low", "high"))
    between = shown(None, name=f"{name}.low")
    if low is not None and high is not None:
        between = Cell(f"[{decimal(low)}, {decimal(high)}]", numeric=True)
    numbers = cell(run.metrics, f"{name}.p", _p_value), cell(run.metrics, f"{name}.n", count)
    return [plain(f"{confidence}: this run"), cell(run.metrics, f"{name}.r", strong=True), between, *numbers]


def compare(run: Run) -> Section:
    """Descriptions against alt texts on the same images."""
    judged = run.stand_ins("clip")
    head = ("Method", "Images with a text", "Mean CLIP score, 95 % interval", "Median", "Better on images with both")
    rows = [
        [
            plain(name),
            cell(run.metrics, f"compare.coverage.{method}", share),
            interval_cell(run, f"compare.{method}", decimal),
            cell(run.metrics, f"compare.{method}.quartiles.median"),
            interval_cell(run, f"compare.{method}_wins", share),
        ]
        for method, name in METHODS
    ]
    blocks: list[Block] = [
        Text(
            "The way of LAION-5B takes the alt text for an image's description. Here both texts are scored on the same "
            "images, by the same model."
        ),
        Table(head, rows, "Description against alt text", judged),
    ]
    difference = [
        [
            plain("description − alt"),
            interval_cell(run, "compare.paired_difference"),
            cell(run.metrics, "compare.paired_difference.n", count),
        ]
    ]
    blocks.append(
        Table(
            ("Paired difference of the score", "Mean, 95 % interval", "Images"),
            difference,
            "On images with both",
            judged,
        )
    )
    covered = [[plain(text), cell(run.metrics, f"compare.coverage.{name}", share)] for name, text in COVERAGE]
    blocks.append(Table(("Images that have …", "Share"), covered, "Coverage"))
    charts = []
    for column, title, caption in YIELD:
        if given := series(run, "compare/yield", "method", "min_clip", column):
            charts.append(Figure(figures.lines(given, "select.min_clip", column, title), caption, judged))
    if charts:
        blocks.append(Figures(charts))
    return Section("compare", "Description against alt text", blocks)


def samples(run: Run) -> Section:
    """Pairs of the dataset as they are."""
    if not run.pairs:
        return Section("pairs", "Sample pairs", [Text("No pair was selected.")])
    text = Text(f"{len(run.pairs)} pairs of the dataset, drawn by seed and not picked, the best score first.")
    return Section("pairs", "Sample pairs", [text, Pairs(run.pairs, run.stand_ins("clip"))])


def _p_value(value: float) -> str:
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"
