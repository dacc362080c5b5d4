"""What extraction found in all archives together: the numbers of metrics/extract.json."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from webpairs.page.extract import Extracted

LANGUAGES_SHOWN = 20

# What the thesis found: 6.5 % of pages have no image, 2.98 % of images an alt that stands in the text around them.
THESIS = {"pages_without_image": 0.065, "alts_in_window_of_images": 0.0298}

COUNTS = (
    "pages",
    "pages_without_image",
    "images",
    "images_in_noscript",
    "images_with_alt",
    "images_with_alt_of_3_words",
    "alts_in_window",
    "candidates",
)
COLUMNS = ("archive", "records", *COUNTS, "record_drops", "image_drops", "broken_places", "error")


def summary(archives: Sequence[Extracted]) -> dict[str, Any]:
    """Counts over all archives, shares from 0 to 1 beside the thesis's, drops by reason, and what was broken where."""
    counted = [archive.counted for archive in archives]
    counts = {name: sum(one[name] for one in counted) for name in COUNTS}
    languages = Counter(_sum(counted, "languages")).most_common()
    return {
        "archives": len(archives),
        "archives_broken": sum(bool(one["breaks"]) for one in counted),
        **counts,
        "shares": {
            "pages_without_image": _share(counts["pages_without_image"], counts["pages"]),
            "images_with_alt": _share(counts["images_with_alt"], counts["images"]),
            "alts_in_window_of_images": _share(counts["alts_in_window"], counts["images"]),
            "alts_in_window_of_alts": _share(counts["alts_in_window"], counts["images_with_alt"]),
        },
        "thesis": THESIS,
        "records": _sum(counted, "records"),
        "records_cut": sum(one["records_cut"] for one in counted),
        "other_records": _sum(counted, "other_records"),
        "drops": {"records": _sum(counted, "record_drops"), "images": _sum(counted, "drops")},
        "cuts": _sum(counted, "cuts"),
        "languages": {name or "unknown": n for name, n in sorted(languages, key=_rank)[:LANGUAGES_SHOWN]},
        "broken": [
            {"archive": archive.job.name, "offset": offset, "error": error}
            for archive in archives
            for offset, error in archive.counted["breaks"]
        ],
    }


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
            "error": archive.counted["breaks"][0][1] if archive.counted["breaks"] else "",
        }
        for archive in archives
    ]


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
