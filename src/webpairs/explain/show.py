"""Explanations as sheets for a terminal, and as values for JSON."""

from dataclasses import asdict
from typing import Any

from webpairs.explain import Explained
from webpairs.explain.again import Again
from webpairs.explain.find import Listing
from webpairs.explain.plain import Sheet, cut
from webpairs.explain.spans import Ranked
from webpairs.explain.tables import Row

HERE = "▣"
_BLOCK = " ¶ "
_ELEMENT_SHOWN = 1000  # characters
_TEXT_SHOWN = 500
_URL_SHOWN = 400
_ROWS_SHOWN = 40


def values(found: Explained | Listing) -> dict[str, Any]:
    """All that is known, with nothing cut but the element, as plain values; texts are as they are, harmless or not."""
    return asdict(found)


def sheet(found: Explained | Listing, bold: bool) -> str:
    """The same as text of at most 100 columns, long values cut; nothing in it acts on a terminal but bold headings."""
    shown = Sheet(bold)
    if isinstance(found, Listing):
        _listing(shown, found)
    else:
        candidate = found.candidate
        shown.heading(f"Candidate {candidate['candidate_id']}: {candidate['element']}")
        _provenance(shown, found.page, found.archive)
        _element(shown, candidate, found.archive)
        _urls(shown, candidate)
        _place(shown, found)
        _texts(shown, found)
        shown.heading("Verdicts of the later stages")
        for verdict in found.verdicts:
            shown.field(verdict.stage, "\n".join(cut(line, _TEXT_SHOWN) for line in verdict.says) or verdict.verdict)
        if found.spans is not None:
            _spans(shown, found.spans)
    return shown.text()


def _provenance(shown: Sheet, page: Row, archive: Again) -> None:
    shown.heading("Where it comes from")
    shown.field("archive", page["archive"] if archive.path is None else f"{page['archive']} ({archive.path})")
    number = f", number {page['record_number']} of its member" if page["record_number"] else ""
    shown.field("record", f"offset {page['record_offset']:,}{number}; {page['record_length']:,} bytes in the archive")
    shown.field("body", f"sha256 {page['record_digest']}")
    if page["payload_digest"]:
        shown.field("payload digest", page["payload_digest"])
    shown.field("read again", _state(archive))
    shown.field("page", f"{page['page_id']}\n{cut(page['page_url'], _URL_SHOWN)}")
    shown.field("date", page["page_date"] or "none")
    lost = page["replacement_characters"]
    shown.field("charset", f"{page['charset']}, by {page['charset_named_by']}" + f"; {lost:,} U+FFFD" * bool(lost))
    shown.field("language", page["language"] or "not known")
    if page["title"]:
        shown.field("title", cut(page["title"], _TEXT_SHOWN))
    for described in page["descriptions"]:
        shown.field(described["source"], cut(described["text"], _TEXT_SHOWN))
    shown.field("opt-outs", "\n".join(f"{one['where']}: {one['value']}" for one in page["opt_outs"]) or "none")
    shown.field("licences", "\n".join(cut(one, _URL_SHOWN) for one in page["licences"]) or "none")


def _state(archive: Again) -> str:
    if archive.state == "gone":
        return f"The archive can't be opened: {archive.cause}. Put it back to see the element."
    if archive.state == "described":
        return "A WAT describes the page, and doesn't hold it: extract from the WARC to see the element."
    if archive.state == "unreadable":
        return f"The archive has changed: {archive.cause}. Run `make all`."
    if archive.state == "changed":
        return f"The archive has changed: the body there now has sha256 {archive.digest}. Run `make all`."
    if archive.differs is None:
        return "The body is the same, but extraction would not find this candidate now. Run `make all`."
    if archive.differs:
        return (
            f"The body is the same, but extraction would now differ in: {', '.join(archive.differs)}. Run `make all`."
        )
    return "The body is the same, and the same candidate is found in it."


def _element(shown: Sheet, candidate: Row, archive: Again) -> None:
    shown.heading("Element")
    shown.field("DOM path", candidate["dom_path"])
    if archive.element is not None and archive.element_characters is not None:
        beyond = archive.element_characters - _ELEMENT_SHOWN
        more = f"… ({beyond:,} more characters)" if beyond > 0 else ""
        shown.field("JSON" if candidate["element"] == "json-ld" else "HTML", archive.element[:_ELEMENT_SHOWN] + more)
    sides = [str(candidate[side]) if candidate[side] is not None else "?" for side in ("width", "height")]
    shown.field("declared size", "none" if sides == ["?", "?"] else "×".join(sides))
    times = candidate["occurrences"]
    shown.field("on the page", "once" if times == 1 else f"{times:,} times; this is the first")


def _urls(shown: Sheet, candidate: Row) -> None:
    shown.heading("URLs, the preferred first")
    for url in candidate["urls"]:
        width = f" {url['width']}w" if url["width"] is not None else ""
        shown.field(url["source"] + width, cut(url["url"], _URL_SHOWN))


def _place(shown: Sheet, found: Explained) -> None:
    candidate = found.candidate
    shown.heading(f"Place in the page's text ({HERE} is the image,{_BLOCK}a new block)")
    if found.before is None or found.after is None:
        shown.block("The page doesn't show it: it is named for machines only.")
        return
    offset, start, end = (candidate[name] for name in ("offset", "window_start", "window_end"))
    inside = "in boilerplate" if candidate["in_boilerplate"] else "not in boilerplate"
    shown.block(f"after {offset:,} of {found.characters:,} characters, {inside}; its window is {start:,}–{end:,}")
    before = ("…" if offset > len(found.before) else "") + found.before
    after = found.after + ("…" if offset + len(found.after) < found.characters else "")
    shown.block(f"{before} {HERE} {after}".strip().replace("\n", _BLOCK))


def _texts(shown: Sheet, found: Explained) -> None:
    shown.heading("Texts that may describe it")
    if found.candidate["alt"] == "":
        shown.field("alt", "it is empty")
    for text in found.texts:
        place = "not in the page's text"
        if text.start is not None:
            place = f"{text.start:,}–{text.end:,}" + ", in boilerplate" * bool(text.in_boilerplate)
        shown.field(text.source, f"{cut(text.text, _TEXT_SHOWN)}\n({place})")
    if not found.texts and found.candidate["alt"] is None:
        shown.block("none")


def _spans(shown: Sheet, spans: list[Ranked]) -> None:
    shown.heading("The model's best spans, and how sure it is that each is right")
    for span in spans:
        where = f"({span.start:,}–{span.end:,}; start {span.start_confidence:.3f}, end {span.end_confidence:.3f})"
        shown.field(f"{span.confidence:.1%}", f"{cut(span.text, _TEXT_SHOWN)}\n{where}")
    if not spans:
        shown.block("There is no text around it.")


def _listing(shown: Sheet, found: Listing) -> None:
    rows = found.candidates
    count = f"{len(rows):,} candidate" + "s" * (len(rows) != 1)
    if found.page is None:
        shown.heading(f"{count} with {found.given}")
    else:
        shown.heading(f"Page {found.page['page_id']}: {count}")
        shown.block(cut(found.page["page_url"], _URL_SHOWN))
    table: list[tuple[str, ...]] = [("candidate_id", "element", "alt", "image" if found.page else "page")]
    for row in rows[:_ROWS_SHOWN]:
        where = _end(row["image_url"], 30) if found.page else row["page_url"]
        table.append((row["candidate_id"], row["element"], row["alt"] or "", where))
    shown.table(table, (24, 13, 25, 30))
    if len(rows) > _ROWS_SHOWN:
        shown.block(f"… and {len(rows) - _ROWS_SHOWN:,} more, which --json lists")


def _end(url: str, at_most: int) -> str:
    """The end of a URL tells images of a page apart, unless it holds the image."""
    return url if len(url) <= at_most or url[:5].lower() == "data:" else "…" + url[1 - at_most :]
