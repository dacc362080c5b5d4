"""What extraction found in all archives together: the numbers of metrics/extract.json."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from webpairs.page.captures import Repeated
from webpairs.page.extract import Extracted

LANGUAGES_SHOWN = 20

# What the thesis found: 6.5 % of pages have no image, 2.98 % of images an alt that stands in the text around them.
THESIS = {"pages_without_image": 0.065, "alts_in_window_of_images": 0.0298}

COUNTS = (
    "pages",
    "pages_without_text",
    "pages_without_image",
    "images",
    "images_in_noscript",
    "images_with_alt",
    "images_with_alt_of_3_words",
    "alts_in_window",
    "candidates",
)
COLUMNS = ("archive", "records", *COUNTS, "record_drops", "image_drops", "broken_places", "share_unread", "error")
LOSSES = ("what", "reason", "count")


def summary(
    archives: Sequence[Extracted], repeated: Repeated, revisits: dict[str, dict[str, int]], held: int, missed: int
) -> dict[str, Any]:
    """Counts over all archives, shares from 0 to 1 beside the thesis's, drops by reason, and what was broken where.

    `revisits` are those of webpairs.page.revisited. `candidates` are those that go on; those of pages that were
    captured again are counted apart. Of the `held` images whose bytes are in the archives, `missed` are named by no
    candidate.
    """
    counted = [archive.counted for archive in archives]
    counts = {name: sum(one[name] for one in counted) for name in COUNTS}
    languages = Counter(_sum(counted, "languages")).most_common()
    return {
        "archives": len(archives),
        "archives_broken": sum(bool(one["breaks"]) for one in counted),
        **counts,
        "images_found": _total(counted, "images_found"),
        "candidates": counts["candidates"] - repeated.candidates,
        "shares": {
            "pages_without_image": _share(counts["pages_without_image"], counts["pages"]),
            "images_with_alt": _share(counts["images_with_alt"], counts["images"]),
            "alts_in_window_of_images": _share(counts["alts_in_window"], counts["images"]),
            "alts_in_window_of_alts": _share(counts["alts_in_window"], counts["images_with_alt"]),
            "images_in_archives_reached": _share(held - missed, held),
            "bytes_unread": _share(_total(counted, "bytes_unread"), _total(counted, "bytes")),
        },
        "thesis": THESIS,
        "candidates_by": {
            "element": _sum(counted, "elements"),
            "attribute": _sum(counted, "attributes"),
            "text": _sum(counted, "texts"),
        },
        "images_in_archives": {"images": held, "reached": held - missed},
        "images_repeated_on_page": _total(counted, "repeats"),
        "captured_again": {
            "pages_same_url": repeated.same_url,
            "pages_same_body": repeated.same_body,
            "candidates": repeated.candidates,
        },
        "revisits": revisits,
        "uncollected": _total(counted, "uncollected"),
        "replacement_characters": {
            "characters": _total(counted, "replacement_characters"),
            "pages": _total(counted, "pages_with_replacements"),
        },
        "pages_with_opt_out": _total(counted, "pages_with_opt_out"),
        "pages_known_by": _sum(counted, "pages_known_by"),
        "charset_named_by": _sum(counted, "charsets"),
        "records": _sum(counted, "records"),
        "records_cut": _total(counted, "records_cut"),
        "other_records": _sum(counted, "other_records"),
        "drops": {"records": _sum(counted, "record_drops"), "images": _sum(counted, "drops")},
        "urls_unresolved": _sum(counted, "urls_unresolved"),
        "cuts": _sum(counted, "cuts"),
        "languages": {name or "unknown": n for name, n in sorted(languages, key=_rank)[:LANGUAGES_SHOWN]},
        "broken": [
            {"archive": archive.job.name, "offset": offset, "error": error}
            for archive in archives
            for offset, error in archive.counted["breaks"]
        ],
    }


def losses(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of LOSSES: what was lost on the way from records to candidates, and why; what came of which source."""
    tables = {
        "records that are no pages": found["other_records"],
        "pages lost": found["drops"]["records"],
        "pages left out": {name: n for name, n in found["captured_again"].items() if name != "candidates"},
        "revisits of pages": found["revisits"]["pages"],
        "revisits of images": found["revisits"]["images"],
        "images lost": found["drops"]["images"],
        "URLs not resolved": found["urls_unresolved"],
        "parts of pages passed over": found["cuts"],
        "replacement characters": found["replacement_characters"],
        "candidates by element": found["candidates_by"]["element"],
        "candidates by text": found["candidates_by"]["text"],
    }
    return [
        {"what": what, "reason": reason, "count": count}
        for what, counts in tables.items()
        for reason, count in sorted(counts.items(), key=_rank)
    ]


def per_archive(archives: Sequence[Extracted]) -> list[dict[str, Any]]:
    """A row of COLUMNS for each archive; `error` is that of the first broken place."""
    return [
        {
            "archive": archive.job.name,
            "records": sum(archive.counted["records"].values()),
            **{name: archive.counted[name] for name in COUNTS},
            "record_drops": sum(archive.counted["record_drops"].values()),
            "image_drops": sum(archive.counted["drops"].values()),
            "broken_places": len(archive.counted["breaks"]) + archive.counted["breaks_beyond"],
            "share_unread": _share(archive.counted["bytes_unread"], archive.counted["bytes"]),
            "error": archive.counted["breaks"][0][1] if archive.counted["breaks"] else "",
        }
        for archive in archives
    ]


def _total(counted: Sequence[dict[str, Any]], name: str) -> int:
    return sum(one[name] for one in counted)


def _sum(counted: Sequence[dict[str, Any]], name: str) -> dict[str, int]:
    """The counters of this name added up, by name, without those that counted nothing."""
    total: Counter[str] = Counter()
    for one in counted:
        total.update(one[name])
    return {reason: total[reason] for reason in sorted(total) if total[reason]}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _rank(entry: tuple[str, int]) -> tuple[int, str]:
    return -entry[1], entry[0]
