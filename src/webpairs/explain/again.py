"""Back to the archive: the record, the element in it, and whether both are still what was extracted from."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from webpairs.archive.read import Record, read_record
from webpairs.explain.tables import Row, archive_of
from webpairs.page import charset, links, markup
from webpairs.page.candidates import Origin, extract
from webpairs.page.counts import Counts
from webpairs.page.extract import BODY_AT_MOST
from webpairs.page.metadata import escaped
from webpairs.page.tables import candidates_table
from webpairs.params import Extract

ELEMENT_AT_MOST = 10_000  # characters

_NUMBER = re.compile(r":nth-child\((\d+)\)$")
# Names of elements may hold "#", too.
_POINTER = re.compile(r"(.*?script:nth-child\(\d+\))#(.*)", re.DOTALL)
_IDENTITIES = ("candidate_id", "page_id", "archive")


@dataclass(frozen=True, slots=True)
class Again:
    """What the archive holds now.

    `state` is `same` where the record's body is the one that was extracted from; else `described` (the archive is a
    WAT, and holds no page), `changed`, `gone` (the archive can't be opened) or `unreadable`, and the rest is None.
    `differs` names what extraction would now tell otherwise of the candidate; it is None where it would find no such
    candidate.
    """

    path: str | None
    state: str
    cause: str = ""
    digest: str | None = None  # of the body that is there now
    element: str | None = None  # its HTML, or JSON, at most ELEMENT_AT_MOST characters of it; None where it isn't there
    element_characters: int | None = None
    differs: list[str] | None = None


def again(candidate: Row, page: Row, settings: Extract) -> Again:
    """Reads the candidate's record, and looks for its element. Never raises for what is or isn't in the archive."""
    archive = archive_of(page)
    if archive is None:
        return Again(None, "gone", "the manifest doesn't list it any more")
    path = archive["path"]
    if page["charset_named_by"] == links.NAMED_BY:
        return Again(path, "described") if Path(path).is_file() else Again(path, "gone", "No such file or directory")
    try:
        where = page["record_offset"], None, page["record_number"]
        record = read_record(Path(path), *where, BODY_AT_MOST, is_beginning_enough=True)
    except OSError as error:
        return Again(path, "gone", error.strerror or str(error))
    except LookupError as error:
        return Again(path, "unreadable", str(error))
    digest = hashlib.sha256(record.body).hexdigest()
    if digest != page["record_digest"]:
        return Again(path, "changed", "", digest)
    html = element(record, candidate["dom_path"])
    return Again(
        path,
        "same",
        "",
        digest,
        None if html is None else html[:ELEMENT_AT_MOST],
        None if html is None else len(html),
        _differs(record, candidate, page, archive["sha256"], settings),
    )


def element(record: Record, dom_path: str) -> str | None:
    """The HTML of the element at this path as the parser writes it, or the JSON in it; None where there is none.

    Of elements with content, the start tag; of an image in a picture element, the whole picture.
    """
    # What extraction does before it parses.
    html, _ = markup.bounded(charset.decode(record.body, record.head.content_type).markup)
    html, _ = markup.without_head_noscript(html)
    pointed = _POINTER.fullmatch(dom_path)
    node = _at(markup.parse(html), pointed[1] if pointed else dom_path)
    if node is None:
        return None
    if pointed:
        return _json_at(node.text(), pointed[2])
    around = node.parent
    if around is not None and around.tag == "picture":
        return around.html
    return (node.html or "").removesuffix(f"</{node.tag}>").removesuffix(node.inner_html or "")


def _at(tree: LexborHTMLParser, selector: str) -> LexborNode | None:
    """The element, by the numbers in the path: names of elements can be such that no selector may hold them."""
    node = tree.root
    for step in selector.split(">")[1:]:
        number = _NUMBER.search(step)
        wanted = int(number[1]) if number else 0
        child = node.first_child if node is not None else None
        while child is not None:
            if child.is_element_node:
                wanted -= 1
                if wanted == 0 or (number is None and child.tag == step):
                    break
            child = child.next
        node = child
    return node


def _json_at(text: str, pointer: str) -> str | None:
    """The value at a pointer, as JSON."""
    try:
        waiting: list[tuple[Any, str]] = [(json.loads(text, strict=False), pointer)]
    except (ValueError, RecursionError):
        return None
    while waiting:
        value, rest = waiting.pop()
        if not rest:
            return json.dumps(value, ensure_ascii=False)
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        waiting += [
            (item, rest[len(f"/{escaped(str(name))}") :])
            for name, item in items
            if f"{rest}/".startswith(f"/{escaped(str(name))}/")
        ]
    return None


def _differs(record: Record, candidate: Row, page: Row, digest: str, settings: Extract) -> list[str] | None:
    origin = Origin(
        archive=page["archive"],
        archive_digest=digest,
        offset=page["record_offset"],
        nth=page["record_number"],
        url=page["page_url"],
        date=page["page_date"],
        content_type=record.head.content_type,
    )
    found = extract(record.body, origin, settings.characters_before, settings.characters_after, Counts())
    table = candidates_table([found] if found else [])
    same = [row for row in table.iter_rows(named=True) if row["dom_path"] == candidate["dom_path"]]
    if not same or found is None:
        return None
    names = [name for name in candidate if name not in _IDENTITIES and same[0][name] != candidate[name]]
    return names + ["page text"] * (found.text != page["text"])
