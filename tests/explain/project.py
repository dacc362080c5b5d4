"""A small project: one archive, really read and extracted from; tables of later stages are written by hand."""

import gzip
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from tests.archive.responses import http, record
from tests.image.projects import ROOT, run_stage, table
from webpairs import shards
from webpairs.explain.tables import Row
from webpairs.records import DESCRIPTIONS, EXAMPLES, IMAGES, PAIRS, SCORES

BEFORE = "The ferry to the islands leaves at noon. A red boat in the harbour is seen below."
AFTER = "A red boat in the harbour waits for its captain."
HARBOUR = f"""<!doctype html><html><head><meta charset=utf-8><title>The harbour</title>
<meta name=robots content="noai"><meta property="og:image" content="/shared.jpg">
<script type="application/ld+json">
{{"a/b": {{"image": {{"@type": "ImageObject", "url": "/ship.jpg", "caption": "A ship"}}}}}}
</script></head><body>
<nav><a href=/>Home</a> <a href=/boats>Boats</a> <img src=logo.png alt="Our logo"></nav>
<h1>Boats</h1><p>{"Gulls cry. " * 40}</p><p>{BEFORE}</p>
<figure><picture><source srcset="big.webp 1600w"><img src=boat.jpg alt="A red boat in the harbour" width=640 height=480>
</picture><figcaption>The red boat</figcaption></figure><p>{AFTER}</p><img src=boat.jpg>
<p*x:y><img src=odd.jpg></p*x:y>
<div class=wide style="background-image: url(/sea.jpg)"><p>The sea.</p></div>
<form><input type=image src=go.gif alt=Go></form><amp-img src=quay.jpg alt=""><p>fallback</p></amp-img>
<p>{"Waves roll. " * 40}</p><a rel=license href="https://licences.example/by">Licence</a></body></html>""".encode()

# An escape sequence, a control sequence of one byte, marks of direction, and a bell.
HOSTILE = (
    '<!doctype html><html><head><meta charset=utf-8><meta name=robots content="noai\x1b[2J, noindex">'
    '<title>\x1b]0;owned\x07 \u202egnp</title><meta property="og:image" content="/shared.jpg"></head><body>'
    '<p>Before \x1b[31m red \u202e backwards</p><img src="a\u202eb\x1b[1m.jpg" class="x\x1b[2J\x7f\x9b31m\u2066\u200f" '
    'alt="\x1b[31mred\u202e"><p>After</p></body></html>'
).encode()


def page(url: str, body: bytes) -> bytes:
    """The record of a page."""
    return record(url, http(body, "Content-Type: text/html; charset=utf-8"))


RECORDS = (page("http://a.example/harbour", HARBOUR), page("http://a.example/hostile?\x1b[31m\u202e", HOSTILE))


def build(folder: Path) -> None:
    """Writes the project into the folder, which must be the current one."""
    (folder / "inputs").mkdir()
    (folder / "inputs" / "a.warc.gz").write_bytes(b"".join(gzip.compress(one, mtime=0) for one in RECORDS))
    shutil.copyfile(ROOT / "params.yaml", folder / "params.yaml")
    run_stage("archive", inputs=["inputs"])
    run_stage("extract")


def candidate(ending: str) -> Row:
    """The candidate whose image URL ends so."""
    (row,) = pl.read_parquet("data/candidates/*.parquet").filter(pl.col("image_url").str.ends_with(ending)).to_dicts()
    return row


def write(path: str, schema: Mapping[str, Any], *rows: Row) -> None:
    """A table by hand; what a row doesn't name is null."""
    shards.write_parquet(Path(path), table(schema, list(rows)), schema, [])


def change(path: str, where: pl.Expr, **values: Any) -> None:
    """Other values in the rows of the tables in a folder that fit."""
    for file in Path(path).glob("*.parquet"):
        frame = pl.read_parquet(file)
        columns = [
            pl.when(where).then(pl.lit(value, dtype=frame.schema[name])).otherwise(pl.col(name)).alias(name)
            for name, value in values.items()
        ]
        frame.with_columns(columns).write_parquet(file)


def all_stages() -> None:
    """Tables of all later stages, in which the boat is an example, and a pair."""
    boat = candidate("/boat.jpg")
    own = {name: boat[name] for name in ("candidate_id", "archive", "page_url", "domain", "image_url", "alt")}
    text = pl.read_parquet("data/pages/*.parquet").filter(pl.col("page_id") == boat["page_id"])["text"][0]
    start, offset = boat["window_start"], boat["offset"]
    window = {"text_before": text[start:offset], "text_after": text[offset : boat["window_end"]]}
    at = text.index(boat["alt"], offset) - start
    span = {"start": at, "end": at + len(boat["alt"])}
    write("data/examples/train.parquet", EXAMPLES)
    example = {name: value for name, value in own.items() if name in EXAMPLES}
    write("data/examples/test.parquet", EXAMPLES, example | window | span | {"category": "just_after", "kind": "alt"})
    confidences = {f"{name}_confidence": 0.5 for name in ("start", "end", "average", "span", "none")}
    confidences |= {"confidence": 0.5}
    described = own | span | confidences | {"language": "en", "outcome": "described", "description": boat["alt"]}
    write("data/descriptions/a.warc.gz-00000.parquet", DESCRIPTIONS, described)
    bytes_ = {"sha256": "ab" * 32, "width": 640, "height": 480}
    kept = {"verdict": "kept", "origin": "archive", "bytes": 12345, "format": "jpeg", "tar": "images-00000.tar"}
    write("data/images/verdicts.parquet", IMAGES, bytes_ | kept | {"image_url": boat["image_url"], "member": "ab.jpg"})
    score = own | bytes_ | {"description": boat["alt"], "description_score": 0.75, "alt_score": 0.25}
    write("data/scores/scores.parquet", SCORES, score)
    pair = {"key": boat["candidate_id"], "split": "holdout", "tar": "holdout-00000.tar", "score": 0.75}
    write("data/pairs/pairs.parquet", PAIRS, own | bytes_ | pair | {"text": boat["alt"]})
