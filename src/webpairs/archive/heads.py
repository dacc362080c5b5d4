"""What the headers of a record say: its own, and those of the HTTP response that it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from sys import intern

from fastwarc.warc import WarcRecord, WarcRecordType

from webpairs.archive.found import Found
from webpairs.archive.recover import HEADER_AT_MOST
from webpairs.archive.revisits import Revisit

_LISTED = ("x-robots-tag", "link", "transfer-encoding", "content-encoding")
_READ = frozenset((*_LISTED, "content-type", "content-language", "tdm-reservation"))


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a record before its body is read."""

    offset: int  # of the record in the file, also where that is a WACZ; where it is compressed, of its member
    nth: int  # 0, but in members that hold several records, against the standard, it tells these apart
    kind: str  # response or resource
    url: str
    date: str  # WARC-Date as it stands there
    status: int  # of a resource, which has none, 200; 0 where the status line makes no sense
    content_type: str  # whole, with its parameters; "" where there is none
    transfer_encoding: str
    content_encoding: str
    robots: str = ""  # the values of all X-Robots-Tag headers, with ", " between them
    tdm: str = ""  # tdm-reservation
    link: str = ""  # the values of all Link headers, with ", " between them
    language: str = ""  # Content-Language
    payload_digest: str = ""  # WARC-Payload-Digest as it stands there

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case."""
        return _media_type(self.content_type)

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def head_of(found: Found) -> Head:
    """The head of a response or resource record. Raises OSError where its HTTP header can't be parsed."""
    record = found.record
    about = _fields(record)
    status, fields = 200, {"content-type": about.get("content-type", "")}
    if record.is_http or _is_unlabelled_http(record, about):
        # Quirks: header lines that end in a bare LF.
        record.parse_http(quirks_mode=True, max_header_len=HEADER_AT_MOST)
        status, fields = record.http_headers.status_code or 0, _http_fields(record)
    return Head(
        offset=found.offset,
        nth=found.nth,
        kind=str(record.record_type),
        url=_url(about.get("warc-target-uri", "")),
        date=about.get("warc-date", ""),
        status=status,
        content_type=fields.get("content-type", ""),
        transfer_encoding=fields.get("transfer-encoding", ""),
        content_encoding=fields.get("content-encoding", ""),
        robots=fields.get("x-robots-tag", ""),
        tdm=fields.get("tdm-reservation", ""),
        link=fields.get("link", ""),
        language=fields.get("content-language", ""),
        payload_digest=about.get("warc-payload-digest", ""),
    )


def revisit_of(found: Found) -> Revisit:
    """What a revisit record says."""
    record = found.record
    about = _fields(record)
    status, media_type = 0, ""
    if record.is_http and record.content_length:
        try:
            record.parse_http(quirks_mode=True, max_header_len=HEADER_AT_MOST)
            status = record.http_headers.status_code or 0
            media_type = _media_type(_http_fields(record).get("content-type", ""))
        except (OSError, ValueError):
            # It is a header only, and of no use without sense.
            status = 0
    url, original_url = (_url(about.get(name, "")) for name in ("warc-target-uri", "warc-refers-to-target-uri"))
    # There may be very many, and they have much in common.
    return Revisit(
        offset=found.offset,
        nth=found.nth,
        url=url,
        date=about.get("warc-date", ""),
        digest=about.get("warc-payload-digest", ""),
        original_url=url if original_url == url else original_url,
        original_date=about.get("warc-refers-to-date", ""),
        profile=intern(about.get("warc-profile", "")),
        status=status,
        media_type=intern(media_type),
    )


def _fields(record: WarcRecord) -> dict[str, str]:
    """The record's own header, by names in lower case; of repeated fields the first."""
    return {name.lower(): value for name, value in reversed(record.headers.items())}


def _http_fields(record: WarcRecord) -> dict[str, str]:
    """What is read of the HTTP header, by names in lower case; lists that are spread over several fields are joined."""
    found: dict[str, list[str]] = {}
    for name, value in record.http_headers.items():
        name = name.lower()
        if name in _READ:
            found.setdefault(name, []).append(value)
    fields = {name: ", ".join(values) if name in _LISTED else values[0] for name, values in found.items()}
    if len(types := found.get("content-type", ())) > 1:
        fields["content-type"] = _last_type(types)
    return fields


def _last_type(types: Sequence[str]) -> str:
    """Of several content types the one that browsers take: the last that makes sense, with the charset of one alike."""
    sensible = [one for one in types if "/" in one and "*" not in one] or types[:1]
    alike = [one for one in sensible if _media_type(one) == _media_type(sensible[-1])]
    return next((one for one in reversed(alike) if "charset" in one.lower()), sensible[-1])


def _is_unlabelled_http(record: WarcRecord, about: dict[str, str]) -> bool:
    """Whether it must be an HTTP response, though the record doesn't say so; makes it one."""
    record.is_http = (
        record.record_type == WarcRecordType.response
        and "content-type" not in about
        and about.get("warc-target-uri", "").lstrip("<").startswith("http")
    )
    return record.is_http


def _url(value: str) -> str:
    return value.strip().removeprefix("<").removesuffix(">")


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
