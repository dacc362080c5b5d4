"""Pages and candidates as tables."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from webpairs.page.candidates import Extract, candidate_id
from webpairs.page.texts import Text
from webpairs.records import CANDIDATES, PAGES


def pages_table(extracts: Sequence[Extract], lengths: Mapping[tuple[int, int], int]) -> pl.DataFrame:
    """records.PAGES, a row each. `lengths` are the records' in the archive by (offset, number)."""
    origins = [one.origin for one in extracts]
    columns: dict[str, Any] = {
        "page_id": [origin.page_id for origin in origins],
        "archive": [origin.archive for origin in origins],
        "record_offset": [origin.offset for origin in origins],
        "record_number": [origin.nth for origin in origins],
        "record_length": [lengths[origin.offset, origin.nth] for origin in origins],
        "record_digest": [one.digest for one in extracts],
        "payload_digest": [origin.payload_digest for origin in origins],
        "page_url": [origin.url for origin in origins],
        "page_date": [origin.date for origin in origins],
        "domain": [one.domain for one in extracts],
        "language": [one.language for one in extracts],
        "charset": [one.charset for one in extracts],
        "charset_named_by": [one.charset_named_by for one in extracts],
        "replacement_characters": [one.replacement_characters for one in extracts],
        "title": [one.metadata.title for one in extracts],
        "descriptions": _nested((one.metadata.descriptions for one in extracts), PAGES["descriptions"]),
        "opt_outs": _nested((one.metadata.opt_outs for one in extracts), PAGES["opt_outs"]),
        "licences": [one.metadata.licences for one in extracts],
        "text": [one.text for one in extracts],
        "boilerplate": _nested((one.boilerplate for one in extracts), PAGES["boilerplate"]),
    }
    return pl.DataFrame(columns, schema=PAGES)


def candidates_table(extracts: Sequence[Extract]) -> pl.DataFrame:
    """records.CANDIDATES, a row each."""
    pairs = [(one, candidate) for one in extracts for candidate in one.candidates]
    identities = {id(one): one.origin.page_id for one in extracts}
    found = [candidate for _, candidate in pairs]
    windows = [candidate.window or (None, None, None) for candidate in found]
    texts = ([_placed(text) for text in candidate.texts] for candidate in found)
    columns: dict[str, Any] = {
        "candidate_id": [candidate_id(identities[id(one)], candidate.dom_path) for one, candidate in pairs],
        "page_id": [identities[id(one)] for one, _ in pairs],
        "archive": [one.origin.archive for one, _ in pairs],
        "page_url": [one.origin.url for one, _ in pairs],
        "domain": [one.domain for one, _ in pairs],
        "language": [one.language for one, _ in pairs],
        "element": [candidate.element for candidate in found],
        "dom_path": [candidate.dom_path for candidate in found],
        "image_url": [candidate.urls[0].url for candidate in found],
        "image_attribute": [candidate.urls[0].name for candidate in found],
        "urls": _nested((candidate.urls for candidate in found), CANDIDATES["urls"]),
        "occurrences": [candidate.occurrences for candidate in found],
        "width": [candidate.width for candidate in found],
        "height": [candidate.height for candidate in found],
        "alt": [candidate.alt for candidate in found],
        "texts": _nested(texts, CANDIDATES["texts"]),
        "offset": [offset for _, offset, _ in windows],
        "window_start": [start for start, _, _ in windows],
        "window_end": [end for _, _, end in windows],
        "in_boilerplate": [candidate.in_boilerplate for candidate in found],
    }
    return pl.DataFrame(columns, schema=CANDIDATES)


def _placed(text: Text) -> tuple[str, str, int | None, int | None]:
    return (*text[:2], text.start, text.end) if text.start >= 0 else (*text[:2], None, None)


def _nested(rows: Iterable[Sequence[Sequence[Any]]], dtype: Any) -> pl.Series:
    """A column of lists of structs. polars makes one of dicts, too, ten times as slowly."""
    names = [item.name for item in dtype.inner.fields]
    numbers: list[int] = []
    values: list[Sequence[Any]] = []
    count = 0
    for number, row in enumerate(rows):
        numbers += [number] * len(row)
        values += row
        count = number + 1
    flat = pl.DataFrame(
        dict(zip(names, zip(*values, strict=True), strict=True)) if values else {},
        schema={item.name: item.dtype for item in dtype.inner.fields},
    )
    grouped = (
        flat.select(number=pl.Series(numbers, dtype=pl.Int32), value=pl.struct(names))
        .group_by("number", maintain_order=True)
        .agg("value")
    )
    index = pl.DataFrame({"number": pl.Series(range(count), dtype=pl.Int32)})
    joined = index.join(grouped, on="number", how="left", maintain_order="left")
    return joined["value"].fill_null(pl.Series([[]], dtype=dtype)).cast(dtype)
