"""Where the span model's examples come from, and how it learned from them."""

from collections.abc import Mapping

from webpairs.report import figures, thesis
from webpairs.report.blocks import Block, Cell, Figure, Figures, Section, Table, Tables, plain
from webpairs.report.run import Run
from webpairs.report.tables import series
from webpairs.report.values import (
    Form,
    cell,
    count,
    decimal,
    fine_share,
    fixed,
    lookup,
    mapping,
    number,
    ratio,
    share,
    shown,
)


def examples(run: Run) -> Section:
    """Alts that stand in the text: the training examples."""
    alt_share = ratio(run.metrics, "extract.alts_in_window", "extract.images")
    bare_share = ratio(run.metrics, "extract.pages_without_image", "extract.pages")
    rows = [
        [
            plain("images whose alt stands in the text around"),
            fixed(thesis.ALT_IN_TEXT_SHARE, fine_share),
            shown(alt_share, fine_share, "extract.alts_in_window"),
        ],
        [
            plain("pages without an image"),
            fixed(thesis.PAGES_WITHOUT_IMAGE_SHARE, fine_share),
            shown(bare_share, fine_share, "extract.pages_without_image"),
        ],
    ]
    splits = [
        [
            plain(name),
            cell(run.metrics, f"label.examples.{name}", count),
            cell(run.metrics, f"label.domains.{name}", count),
        ]
        for name in ("train", "validation", "test")
    ]
    note = "A registered domain is in one split alone."
    blocks: list[Block] = [
        Table(("", "Thesis", "This run"), rows, "What the crawl holds"),
    ]
    tables = [Table(("Split", "Examples", "Domains"), splits, "Examples", note=note)]
    drops = {name: value for name, value in mapping(run.metrics, "label.drops").items() if number(value)}
    if drops:
        reasons = [[plain(name.replace("_", " ")), fixed(value, count)] for name, value in drops.items()]
        tables.append(Table(("Reason", "Candidates"), reasons, "Candidates that are no example"))
    blocks.append(Tables(tables))
    return Section("examples", "Training examples", blocks)


def training(run: Run) -> Section:
    """Losses, exact match and IoU over the epochs."""
    last = f"epoch {epochs}" if (epochs := lookup(run.metrics, "train_span.epochs")) else "last epoch"
    head = (
        "On the validation examples",
        "Thesis, epoch 1",
        "Thesis, best or last of 30",
        "This run, epoch 1",
        f"This run, {last}",
    )
    rows = [
        _epochs(run, "exact match", "exact_match", thesis.EXACT_MATCH["first"], thesis.EXACT_MATCH["best"], share),
        _epochs(run, "mean IoU", "iou", thesis.IOU["first"], thesis.IOU["best"], share),
        _epochs(
            run, "IoU of 5 % or less", "iou_le_5", thesis.IOU_LOW_SHARE["first"], thesis.IOU_LOW_SHARE["last"], share
        ),
        _epochs(
            run,
            "IoU of 95 % or more",
            "iou_ge_95",
            thesis.IOU_HIGH_SHARE["first"],
            thesis.IOU_HIGH_SHARE["last"],
            share,
        ),
        _epochs(run, "training loss", "train_loss", None, thesis.TRAIN_LOSS, decimal),
        _epochs(run, "validation loss", "validation_loss", None, None, decimal),
    ]
    note = (
        f"The thesis trained on about 100,000 examples; its validation loss went up to {thesis.VALIDATION_LOSS_PEAK}. "
        "A loss depends on window and tokeniser, and compares within one run only."
    )
    blocks: list[Block] = [Table(head, rows, "Training of the span model", note=note)]
    losses = _history(run, {"training": "train_loss", "validation": "validation_loss"})
    matches = _history(run, {"exact match": "exact_match", "IoU": "iou"})
    charts = []
    if losses:
        charts.append(Figure(figures.lines(losses, "epoch", "loss", "Losses by epoch"), "Loss by epoch."))
    if matches:
        chart = figures.lines(matches, "epoch", "share", "Exact match and IoU by epoch")
        charts.append(Figure(chart, "Exact match and mean IoU by epoch, validation."))
    blocks.append(Figures(charts))
    by_epoch = series(run, "train_span/iou_distribution", "epoch", "bin", "share")
    if by_epoch:
        ends = {
            f"epoch {epoch}": by_epoch[epoch] for epoch in dict.fromkeys((next(iter(by_epoch)), list(by_epoch)[-1]))
        }
        bars = figures.histogram(ends, "IoU, %", "share of examples", "Distribution of IoU")
        heat = figures.heat(by_epoch, "IoU, %, by epoch", "Distribution of IoU by epoch")
        blocks.append(
            Figures(
                [
                    Figure(heat, "IoU of the validation examples by epoch; the darker, the more examples."),
                    Figure(bars, "The same after the first and the last epoch; share of examples."),
                ]
            )
        )
    return Section("training", "Span model: training", blocks)


def _epochs(run: Run, name: str, metric: str, first: float | None, last: float | None, form: Form) -> list[Cell]:
    return [
        plain(name),
        fixed(first, form),
        fixed(last, form),
        cell(run.metrics, f"train_span.first.{metric}", form),
        cell(run.metrics, f"train_span.last.{metric}", form, strong=True),
    ]


def _history(run: Run, columns: Mapping[str, str]) -> dict[str, list[tuple[float, float]]]:
    found = {name: series(run, "train_span/history", "", "epoch", column) for name, column in columns.items()}
    return {
        name: values[column] for (name, column), values in zip(columns.items(), found.values(), strict=True) if values
    }
