"""The records that travel between stages, as polars schemas. Offsets count characters (Unicode code points)."""

import polars as pl

# data/archive/manifest.parquet: a row an input file that can be read. `path` is where stages read it from: the local
# path as given, or the copy under data/archive/ of the sample and of downloads.
MANIFEST = {
    "name": pl.String,  # unique, a safe file name; shards derived from the file carry it
    "source": pl.String,  # as given: path, URL, or `sample`
    "path": pl.String,
    "format": pl.String,  # warc, warc.gz, warc.zst, warc.lz4 (readable ones)
    "bytes": pl.Int64,
    "sha256": pl.String,
}

# A span [start, end) of a page's text.
SPAN = pl.Struct({"start": pl.Int32, "end": pl.Int32})

# data/pages/<name>-<part>.parquet: a row a page that has candidates, in the archive's order. Parts bound the memory
# that an archive takes; those of data/candidates have the same names and hold the candidates of the same pages.
PAGES: dict[str, pl.DataType | type[pl.DataType]] = {
    "page_id": pl.String,  # 24 hex digits, stable over runs: of archive digest, record offset and number
    "archive": pl.String,  # MANIFEST.name
    "record_offset": pl.Int64,  # byte offset of the record in the archive (of its gzip member)
    "record_number": pl.Int32,  # 0, but in members that hold several records
    "record_length": pl.Int64,  # bytes that the record takes in the archive, compressed as it is there
    "record_digest": pl.String,  # sha256 of the decoded body, 64 hex digits
    "payload_digest": pl.String,  # WARC-Payload-Digest as it stands there, "" without
    "page_url": pl.String,
    "page_date": pl.String,  # WARC-Date as it stands there
    "domain": pl.String,  # registered domain by the public suffix list, else the host
    "language": pl.String,  # of the page's text; ISO 639-1, "" where there is too little text
    "charset": pl.String,  # that the body was decoded with, as Python calls it
    "charset_named_by": pl.String,  # bom, header, meta, xml, guess, or wat
    "replacement_characters": pl.Int32,  # U+FFFD in the decoded markup
    "title": pl.String,
    "descriptions": pl.List(pl.Struct({"source": pl.String, "text": pl.String})),  # og_description and the like
    "opt_outs": pl.List(pl.Struct({"where": pl.String, "value": pl.String})),  # header x-robots-tag: noai; …
    "licences": pl.List(pl.String),  # targets of licence links, as they stand
    "text": pl.String,  # what a reader sees: blocks apart by "\n", words by " ", in NFC, nothing hidden
    "boilerplate": pl.List(SPAN),  # menus and the like in the text
}

# data/candidates/<name>-<part>.parquet: a row an image on a page, by page; on a page those in its body first, in the
# order of the document.
CANDIDATES: dict[str, pl.DataType | type[pl.DataType]] = {
    "candidate_id": pl.String,  # 24 hex digits, stable over runs: of page_id and DOM path
    "page_id": pl.String,
    "archive": pl.String,
    "page_url": pl.String,
    "domain": pl.String,
    "language": pl.String,
    # img, amp-img, input, poster, background; in the head og:image, twitter:image, itemprop, image_src, json-ld
    "element": pl.String,
    # A CSS selector: html>body>div:nth-child(2)>img:nth-child(1). JSON-LD adds #/a/JSON/pointer; of a WAT it's wat#/….
    "dom_path": pl.String,
    "image_url": pl.String,  # absolute, or a data: URI: the first of `urls`
    "image_attribute": pl.String,  # src, srcset, data-src, …: where it stood
    "urls": pl.List(
        pl.Struct({"url": pl.String, "source": pl.String, "width": pl.Int32})
    ),  # all, in order of preference
    "occurrences": pl.Int32,  # how often the page shows it
    "width": pl.Int32,  # declared, pixels; null where not
    "height": pl.Int32,
    "alt": pl.String,  # null where there is no alt attribute
    # Texts that may describe it: alt, title, aria-label, aria-labelledby, aria-describedby, figcaption, caption,
    # table_caption, link, link_title, heading, og_image_alt, json_ld_caption, …; start and end are null where the text
    # doesn't stand in the page's text.
    "texts": pl.List(pl.Struct({"source": pl.String, "text": pl.String, "start": pl.Int32, "end": pl.Int32})),
    "offset": pl.Int32,  # how much of the page's text stands before it; null where it isn't shown in the page
    "window_start": pl.Int32,  # the window around it, of at most characters_before and characters_after
    "window_end": pl.Int32,
    "in_boilerplate": pl.Boolean,  # within navigation, a footer or the like
}

# Candidates as the stages after extract read them (webpairs.page.around).
WINDOWED = CANDIDATES | {
    "text_before": pl.String,  # the window's part before the image; null where it isn't shown in the page
    "text_after": pl.String,
}

# data/examples/{train,validation,test}.parquet. The window is text_before + text_after, and the image stands at
# len(text_before); the span [start, end) lies whole on one side of it.
EXAMPLES = {
    "candidate_id": pl.String,
    "page_url": pl.String,
    "domain": pl.String,
    "image_url": pl.String,
    "alt": pl.String,
    "text_before": pl.String,
    "text_after": pl.String,
    "kind": pl.String,  # of the text that is the description, or of the reason why there is none (span.kinds)
    "start": pl.Int32,  # null where there is no description
    "end": pl.Int32,
    # What the span is, and where: name, just_before, just_after, near_before, near_after or deep; none where there is
    # none.
    "category": pl.String,
}

# data/descriptions/<name>.parquet: a row a candidate, same order. start..description are null where there
# is no span, or none was looked for.
DESCRIPTIONS = {
    "candidate_id": pl.String,
    "archive": pl.String,
    "page_url": pl.String,
    "domain": pl.String,
    "language": pl.String,
    "image_url": pl.String,
    "alt": pl.String,
    "start": pl.Int32,
    "end": pl.Int32,
    "outcome": pl.String,  # described, none, decoration, unsure, or no_text
    "description": pl.String,  # null where it isn't described
    "confidence": pl.Float32,  # the probability that the span is right, as validation showed it
    "start_confidence": pl.Float32,
    "end_confidence": pl.Float32,
    "average_confidence": pl.Float32,
    "span_confidence": pl.Float32,
    "none_confidence": pl.Float32,
    "support_confidence": pl.Float32,  # all as span.prediction.Predictions has them
}

# data/images/verdicts.parquet: a row a distinct image_url. The bytes of kept images are members `<sha256>.<extension>`
# of data/images/images-00000.tar and following, each distinct image once.
IMAGES = {
    "image_url": pl.String,
    "verdict": pl.String,  # kept, or the reason why not
    "origin": pl.String,  # archive, http, data; "" where no bytes could be had
    "sha256": pl.String,  # of the bytes
    "bytes": pl.Int64,
    "width": pl.Int32,
    "height": pl.Int32,
    "format": pl.String,  # jpeg, png, webp, gif, …
    "tar": pl.String,
    "member": pl.String,
}

# data/scores/scores.parquet: a row a candidate whose image was kept.
SCORES = {
    "candidate_id": pl.String,
    "archive": pl.String,
    "page_url": pl.String,
    "domain": pl.String,
    "image_url": pl.String,
    "sha256": pl.String,
    "tar": pl.String,
    "member": pl.String,
    "width": pl.Int32,
    "height": pl.Int32,
    "description": pl.String,
    "confidence": pl.Float32,  # this and the next as of DESCRIPTIONS
    "span_confidence": pl.Float32,
    "description_score": pl.Float32,  # cosine of image and description, null where there is no description
    "alt": pl.String,
    "alt_score": pl.Float32,  # cosine of image and alt text, null where the alt is missing or blank
}

# data/pairs/pairs.parquet: a row a pair; its image, text and record are the members `<key>.<extension>`, `<key>.txt`
# and `<key>.json` of data/pairs/{train,holdout}-00000.tar and following.
PAIRS = {
    "key": pl.String,
    "split": pl.String,  # train or holdout
    "tar": pl.String,
    "text": pl.String,
    "score": pl.Float32,
    "candidate_id": pl.String,
    "archive": pl.String,
    "page_url": pl.String,
    "domain": pl.String,
    "image_url": pl.String,
    "sha256": pl.String,
    "width": pl.Int32,
    "height": pl.Int32,
    "alt": pl.String,
    "alt_score": pl.Float32,
    "confidence": pl.Float32,
    "span_confidence": pl.Float32,
}

# data/generated/images.parquet: a row an image; members `<key>.png` of data/generated/{base,finetuned}.tar.
GENERATED = {
    "key": pl.String,
    "model": pl.String,  # base or finetuned
    "set": pl.String,  # sensible or questionable
    "group": pl.Int32,
    "level": pl.Int32,  # 1 (plain) to 5 (most detailed)
    "prompt": pl.String,
    "held_out": pl.Boolean,  # the prompt names a kind of object that the stand-in SDXL never saw; null elsewhere
    "seed": pl.Int64,
}

# data/archive/truth.parquet: what the miniature web shows and where it says so; read by evaluating stages alone.
# A row an image of a page. Empty with real archives.
TRUTH: dict[str, pl.DataType | type[pl.DataType]] = {
    "page_url": pl.String,
    "position": pl.Int32,  # content images count from 0 in reading order; the page's other images follow
    "image_url": pl.String,  # as a careful reader resolves it (of a lazy image the real one, of a srcset its src)
    "urls": pl.List(pl.String),  # all URLs that show this image: image_url, then variants in srcset or source
    "site": pl.String,
    "language": pl.String,  # of the page: en, de, fr, es
    "role": pl.String,  # content, icon, tracker, decoration
    "place": pl.String,  # alt_only, figcaption, just_before, just_after, deep, name, nowhere; "" for other roles
    "description": pl.String,  # the true description as it stands in the page's text (or in alt, for alt_only); else ""
    "alt_kind": pl.String,  # one of miniature.content.ALT_KINDS; "" for other roles
    "state": pl.String,  # of the image file: whole, mislabelled, small, missing, not_found, broken
    "kind": pl.String,  # of the scene's main object
    "scene": pl.String,  # the scene as JSON
}
