"""Reads WAT: a WARC of metadata records that describe the records of another WARC, a page's links and images among it.

The form is the one that Common Crawl's ia-web-commons writes. JSON may hold anything, so nothing is taken for granted.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastwarc.warc import WarcRecordType

from webpairs.archive.found import Found, TooLarge
from webpairs.archive.heads import Head
from webpairs.archive.read import Tally
from webpairs.archive.region import opened
from webpairs.archive.sniff import form
from webpairs.archive.wacz import regions
from webpairs.archive.walk import walk

JSON_AT_MOST = 10 << 20

# Records that don't tell what kind of file it is.
_UNDECIDED = (WarcRecordType.warcinfo, WarcRecordType.metadata, WarcRecordType.unknown)
_LISTED = ("x-robots-tag", "link")
_STATUS = re.compile(r"[0-9]{3}")

Attributes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Described:
    """A page as a WAT describes it. URLs are as they stand there."""

    head: Head  # the page's; but for offset and nth, which are those of the WAT's own record
    digest: str  # sha256 of the WAT's record, 64 hex digits
    replaced: int  # U+FFFD in it
    title: str
    base: str | None
    metas: list[Attributes]
    head_links: list[Attributes]  # url, rel, type
    links: list[Attributes]  # path (IMG@/src, A@/href, …), url, alt, title, rel, …


def is_wat(path: Path) -> bool:
    """Whether the file is a WAT: whether the first record that tells what kind of file it is describes another record.

    Raises OSError where the file can't be opened.
    """
    with opened(path) as file:
        for region in regions(file):
            if form(region) in ("arc", "arc.gz"):
                return False
            for found in walk(region, lambda *_: None):
                if found.record.record_type not in _UNDECIDED:
                    return False
                # Others write metadata in JSON, too.
                if _is_json(found) and _envelope(found, Tally()) is not None:
                    return True
    return False


def described(path: Path, wanted: Callable[[Head, bool], bool], tally: Tally) -> Iterator[Described]:
    """Yields the pages that a WAT describes and that are wanted, in the file's order.

    `wanted` is asked for every record that is described: by its head, whose kind is its WARC-Type and whose URL may be
    "", and by whether HTML is described. Never raises for what is in the file: broken places and records are noted in
    `tally` as webpairs.archive.read.records does it, with the reasons `body_too_large` (more than JSON_AT_MOST bytes),
    `unreadable_record`, `bad_json`, `no_envelope`, `no_url` and `no_html_metadata`. Raises OSError where the file can't
    be opened.
    """

    def note(offset: int, reason: str, unread: int) -> None:
        tally.breaks.append((offset, reason))
        tally.unread += unread

    with opened(path) as file:
        for region in regions(file):
            tally.bytes += region.size
            before: Found | None = None
            for found in walk(region, note):
                if before is not None:
                    tally.lengths[before.offset, before.nth] = before.length
                    before = None
                tally.records[str(found.record.record_type)] += 1
                page = _page(found, wanted, tally) if _is_json(found) else None
                if page is not None:
                    before = found
                    yield page
            if before is not None:
                tally.lengths[before.offset, before.nth] = before.length


def _is_json(found: Found) -> bool:
    record = found.record
    kind = (record.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    return record.record_type == WarcRecordType.metadata and kind == "application/json"


def _page(found: Found, wanted: Callable[[Head, bool], bool], tally: Tally) -> Described | None:
    read = _envelope(found, tally)
    if read is None:
        return None
    content, envelope = read
    response = _object(_object(envelope, "Payload-Metadata"), "HTTP-Response-Metadata")
    head = _head(found, _strings(envelope.get("WARC-Header-Metadata")), response)
    html = response.get("HTML-Metadata")
    if not wanted(head, isinstance(html, dict)):
        return None
    if not head.url or not isinstance(html, dict):
        tally.drops["no_html_metadata" if head.url else "no_url"] += 1
        return None
    about = _object(html, "Head")
    texts = _strings(about)
    return Described(
        head=head,
        digest=hashlib.sha256(content).hexdigest(),
        replaced=content.decode("utf-8", "replace").count("\ufffd"),
        title=texts.get("Title", ""),
        base=texts.get("Base"),
        metas=_list(about, "Metas"),
        head_links=_list(about, "Link"),
        links=_list(html, "Links"),
    )


def _envelope(found: Found, tally: Tally) -> tuple[bytes, dict[str, Any]] | None:
    """The record's content, and what it says of the record that it describes; None, and why is counted, if nothing."""
    try:
        content = found.content(JSON_AT_MOST)
    except TooLarge:
        tally.drops["body_too_large"] += 1
        return None
    except OSError:
        tally.drops["unreadable_record"] += 1
        return None
    tally.cut += found.is_cut
    try:
        value = json.loads(content.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        tally.drops["bad_json"] += 1
        return None
    envelope = value.get("Envelope") if isinstance(value, dict) else None
    if not isinstance(envelope, dict):
        tally.drops["no_envelope"] += 1
        return None
    return content, envelope


def _head(found: Found, about: Attributes, response: Mapping[str, Any]) -> Head:
    fields = _fields(response.get("Headers"))
    status = str(_object(response, "Response-Message").get("Status", ""))
    return Head(
        offset=found.offset,
        nth=found.nth,
        kind=about.get("WARC-Type", ""),
        url=about.get("WARC-Target-URI", "").strip().removeprefix("<").removesuffix(">"),
        date=about.get("WARC-Date", ""),
        status=int(status) if _STATUS.fullmatch(status) else 0,
        content_type=fields.get("content-type", ""),
        transfer_encoding="",
        content_encoding="",
        robots=fields.get("x-robots-tag", ""),
        tdm=fields.get("tdm-reservation", ""),
        link=fields.get("link", ""),
        payload_digest=about.get("WARC-Payload-Digest", ""),
    )


def _fields(headers: Any) -> dict[str, str]:
    """HTTP headers, by names in lower case. A repeated one is an array: lists are joined, of others the last counts."""
    fields: dict[str, list[str]] = {}
    for name, value in headers.items() if isinstance(headers, dict) else ():
        values = value if isinstance(value, list) else [value]
        fields.setdefault(name.lower(), []).extend(_sound(one) for one in values if isinstance(one, str))
    return {name: ", ".join(found) if name in _LISTED else found[-1] for name, found in fields.items() if found}


def _object(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _list(value: Mapping[str, Any], name: str) -> list[Attributes]:
    """What is in an array, each in its place: what is no object is an empty one."""
    found = value.get(name)
    return [_strings(one) for one in found] if isinstance(found, list) else []


def _strings(value: Any) -> dict[str, str]:
    """Of an object, what is text."""
    if not isinstance(value, dict):
        return {}
    return {name: _sound(text) for name, text in value.items() if isinstance(text, str)}


def _sound(text: str) -> str:
    """The text without halves of a sign, which JSON's escapes can make and no table can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
