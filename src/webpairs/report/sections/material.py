"""What went into the run, and what came out of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from webpairs.report import figures
from webpairs.report.blocks import Block, Cell, Figure, Section, Table, Tables, Text, plain
from webpairs.report.run import Run
from webpairs.report.values import cell, count, fixed, lookup, mapping, number, share, shown, size

MOST_ARCHIVES = 60
COUNTED = {
    "pages": "Pages",
    "images": "Images",
    "images_with_alt": "… with an alt",
    "alts_in_window": "… found in the text",
    "candidates": "Candidates",
}
STEPS = (
    ("images on pages", "extract.images_found"),
    ("candidates", "extract.candidates"),
    ("described", "describe.outcomes.described"),
    ("image fetched", "score.description_score.n"),
    ("selected", "select.pairs"),
)
DROPS = (
    ("extract.drops.records", "Records of the archives that are no page", ()),
    ("extract.drops.images", "Images on pages that are no candidate", ()),
    ("extract.candidates_by.element", "Candidates by what shows or names them", ()),
    ("extract.candidates_by.text", "Candidates that have a text of this source", ()),
    ("describe.outcomes", "Candidates by what describe answers", ()),
    ("fetch.verdicts", "Image URLs by verdict", ()),
    ("select.drops", "Scored candidates that are no pair", ("clip",)),
)


def inputs(run: Run) -> Section:
    """The archives, and what could not be read."""
    blocks: list[Block] = [_archives(run)]
    unreadable = lookup(run.metrics, "archive.unreadable") or []
    if unreadable:
        rows = [(plain(file["name"]), plain(file["reason"])) for file in unreadable]
        blocks.append(Table(("File", "Why it could not be read"), rows, "Files left out"))
    broken = lookup(run.metrics, "extract.broken") or []
    if broken:
        places = [(plain(one["archive"]), fixed(one["offset"], count), plain(one["error"])) for one in broken]
        rest = len(places) - MOST_ARCHIVES
        note = f"{rest} more are in metrics/extract.json." if rest > 0 else ""
        head = ("Archive", "At byte", "What is broken there")
        blocks.append(
            Table(head, places[:MOST_ARCHIVES], "Broken places in archives; all else in them was read", note=note)
        )
    duplicates = lookup(run.metrics, "archive.duplicates") or []
    if duplicates:
        blocks.append(Text(f"Left out as copies of others: {', '.join(duplicates)}."))
    return Section("inputs", "What went in", blocks)


def funnel(run: Run) -> Section:
    """From images on pages to pairs, and where the others were lost."""
    steps = [(name, value) for name, key in STEPS if (value := number(lookup(run.metrics, key))) is not None]
    blocks: list[Block] = [
        Figure(
            figures.funnel(steps, "From images on pages to pairs"),
            "How many images reach each step, and the share of the step before. A page's images that repeat each other "
            "are one candidate; an image on several pages counts once for each, and the dataset holds it once.",
            run.stand_ins("clip"),
        )
    ]
    reasons = [_reasons(mapping(run.metrics, name), caption, run.stand_ins(*roles)) for name, caption, roles in DROPS]
    blocks.append(Tables([table for table in reasons if table]))
    split = [cell(run.metrics, f"select.splits.{name}", count) for name in ("train", "holdout")]
    head = ("Pairs", "Train", "Holdout", "Domains", "Distinct images fetched", "Their bytes")
    row = [
        cell(run.metrics, "select.pairs", count, strong=True),
        *split,
        cell(run.metrics, "select.domains", count),
        cell(run.metrics, "fetch.images", count),
        cell(run.metrics, "fetch.bytes", size),
    ]
    blocks.append(Table(head, [row], "The dataset", run.stand_ins("clip")))
    return Section("funnel", "What came out", blocks)


def _archives(run: Run) -> Table:
    by_name = {row["archive"]: row for row in run.tables.get("extract/per_archive", [])}
    files = run.archives.sort("name").to_dicts()
    rows = [_archive(file, by_name.get(file["name"], {})) for file in files[:MOST_ARCHIVES]]
    rest = len(files) - len(rows)
    total = [
        Cell(f"all {len(files)}", strong=True),
        fixed(sum(file["bytes"] for file in files), size),
        *(cell(run.metrics, f"extract.{name}", count) for name in COUNTED),
    ]
    note = f"{rest} more archives are counted in the last row." if rest else ""
    return Table(("Archive", "Bytes", *COUNTED.values()), [*rows, total], "Archives", note=note)


def _archive(file: Mapping[str, Any], counts: Mapping[str, str]) -> list[Cell]:
    numbers = [
        fixed(float(counts[name]), count) if counts.get(name) else shown(None, name=f"extract/per_archive.{name}")
        for name in COUNTED
    ]
    return [plain(file["name"]), fixed(file["bytes"], size), *numbers]


def _reasons(reasons: Mapping[str, Any], caption: str, badges: Sequence[str]) -> Table | None:
    counted = [(name, value) for name, value in reasons.items() if number(value)]
    if not counted:
        return None
    whole = sum(value for _, value in counted)
    rows = [
        (plain(name.replace("_", " ")), fixed(value, count), fixed(value / whole, share))
        for name, value in sorted(counted, key=lambda item: (-item[1], item[0]))
    ]
    return Table(("Reason", "Count", "Share"), rows, caption, badges)
