"""How well the span model says none, and how far its confidence can be believed."""

from webpairs.report import figures
from webpairs.report.blocks import Block, Cell, Figure, Figures, Table, plain
from webpairs.report.run import Run
from webpairs.report.values import cell, count, mapping, share

_COUNTS = ("images", "without_description", "none", "decorations", "unsure")
_RATES = ("precision", "recall", "decorations_precision", "unsure_wrong")
_NONE_OF = (
    ("test.abstention", "test examples"),
    ("truth.abstention", "miniature web"),
    ("truth.abstention_of_content", "… its content alone"),
    ("gold.abstention", "gold"),
)
_SETS = (("test", "test examples"), ("truth", "miniature web"), ("gold", "gold"))
_ERRORS = ("expected_calibration_error", "by_chance")


def none(run: Run) -> list[Block]:
    """How well none is said, by the model and of decorations, and what the model holds back."""
    rows: list[list[Cell]] = []
    for name, shown_as in _NONE_OF:
        metric = f"evaluate_span.{name}"
        if mapping(run.metrics, metric):
            counts = [cell(run.metrics, f"{metric}.{part}", count) for part in _COUNTS]
            rates = [cell(run.metrics, f"{metric}.{part}", share) for part in _RATES]
            rows.append([plain(shown_as), *counts, *rates])
    head = (
        "Says none",
        "Images",
        "Without description",
        "Nones",
        "… decorations",
        "Unsure",
        "Precision of none",
        "Recall of none",
        "… of decorations: precision",
        "Unsure: would be wrong",
    )
    note = (
        "None: the model says that nothing in the page's text describes the image, or it is a decoration: an icon, or "
        "on many pages, without text of its own (test examples are judged without that). Unsure: the model gives no "
        "answer, since its best span is right with too low a probability; of so many that span is wrong."
    )
    return [Table(head, rows, "None as an answer, and no answer", note=note)] if rows else []


def calibration(run: Run) -> list[Block]:
    """Confidence against the share of right answers, and the mean distance between the two."""
    rows: list[list[Cell]] = []
    for name, shown_as in _SETS:
        metric = f"evaluate_span.{name}.calibration"
        if mapping(run.metrics, metric):
            names = [f"{metric}.{measure}.{part}" for part in ("span", "calibrated") for measure in _ERRORS]
            cells = [cell(run.metrics, one) for one in names]
            rows.append([plain(shown_as), cell(run.metrics, f"{metric}.n", count), *cells])
    blocks: list[Block] = []
    if rows:
        head = ("Confidence", "Images", "Error: span", "by chance", "Error: calibrated", "by chance")
        note = (
            "Expected calibration error: the mean distance between confidence and share of right answers over ten "
            "bins. By chance is what a model whose confidence is exactly true would show on as many images."
        )
        blocks.append(Table(head, rows, "How far confidence is true", note=note))
    if curves := [_curve(run, name, shown_as) for name, shown_as in _SETS if _points(run, name)]:
        blocks.append(Figures(curves))
    return blocks


def _curve(run: Run, of_set: str, shown_as: str) -> Figure:
    chart = figures.calibration(_points(run, of_set), f"Confidence and share of right answers: {shown_as}")
    caption = (
        f"{shown_as.capitalize()}: confidence of the best span alone, with its support, the spans that differ from it "
        "by little, and calibrated on validation examples; and how many are right. Areas show how many are behind a "
        "dot; on the dashed line confidence is true."
    )
    return Figure(chart, caption)


def _points(run: Run, of_set: str) -> dict[str, list[tuple[float, float, float]]]:
    """(confidence, share of right answers, images) of each confidence, where there are any."""
    points: dict[str, list[tuple[float, float, float]]] = {}
    for row in run.tables.get("evaluate_span/calibration", []):
        if row["set"] == of_set and row["confidence"] and row["right"]:
            point = float(row["confidence"]), float(row["right"]), float(row["n"])
            points.setdefault(row["confidence_of"], []).append(point)
    return points
