"""Small real files for the tests of this room."""

import gzip
import io
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import zstandard
from fastwarc.stream_io import Lz4Writer
from fastwarc.warc import WarcRecord, WarcRecordType


def record(url: str, body: bytes = b"<p>Hello</p>") -> bytes:
    """One uncompressed WARC response record."""
    made = WarcRecord()
    made.init_headers(record_type=WarcRecordType.response, record_urn=b"uuid:12345678-0000-0000-0000-000000000000")
    made.headers["WARC-Date"] = "2024-01-01T00:00:00Z"
    made.headers["WARC-Target-URI"] = url
    made.headers["Content-Type"] = "application/http; msgtype=response"
    made.set_bytes_content(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body)
    out = io.BytesIO()
    made.write(out)
    return out.getvalue()


def warc(path: Path, url: str = "http://a.example/") -> Path:
    """An uncompressed WARC file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(record(url))
    return path


def warc_gz(path: Path, url: str = "http://a.example/", members: bool = True) -> Path:
    """A gzip WARC file of two records: a member each, or one for both."""
    path.parent.mkdir(parents=True, exist_ok=True)
    records = [record(url), record(url + "b")]
    path.write_bytes(b"".join(map(gzip.compress, records)) if members else gzip.compress(b"".join(records)))
    return path


def warc_zst(path: Path) -> Path:
    """A Zstandard WARC file whose dictionary stands in a skippable frame."""
    path.write_bytes(PACKINGS["zst, dictionary"]([record("http://a.example/")]))
    return path


def warc_lz4(path: Path) -> Path:
    """An lz4 WARC file."""
    path.write_bytes(lz4(record("http://a.example/")))
    return path


def lz4(content: bytes) -> bytes:
    """One lz4 frame."""
    out = io.BytesIO()
    writer = Lz4Writer(out)
    writer.write(content)
    writer.close()
    return out.getvalue()


def skippable(content: bytes) -> bytes:
    """The frame that a dictionary stands in."""
    return b"\x5d\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content


@cache
def _dictionary() -> zstandard.ZstdCompressionDict:
    return zstandard.train_dictionary(2048, [record(f"http://a.example/{n}") for n in range(400)])


def _with_dictionary(records: Sequence[bytes]) -> list[bytes]:
    return [zstandard.ZstdCompressor(dict_data=_dictionary()).compress(one) for one in records]


# How records become members of a file. Joined, the members are the file.
MEMBERS: dict[str, Callable[[Sequence[bytes]], list[bytes]]] = {
    "plain": list,
    "gz": lambda records: [gzip.compress(one) for one in records],
    "gz, whole": lambda records: [gzip.compress(b"".join(records))],
    "zst": lambda records: [zstandard.compress(one) for one in records],
    "zst, whole": lambda records: [zstandard.compress(b"".join(records))],
    "zst, dictionary": lambda records: [skippable(_dictionary().as_bytes()), *_with_dictionary(records)],
    "zst, packed dictionary": lambda records: [
        skippable(zstandard.compress(_dictionary().as_bytes())),
        *_with_dictionary(records),
    ],
    "lz4": lambda records: [lz4(one) for one in records],
    "lz4, whole": lambda records: [lz4(b"".join(records))],
}
PACKINGS: dict[str, Callable[[Sequence[bytes]], bytes]] = {
    name: lambda records, members=members: b"".join(members(records)) for name, members in MEMBERS.items()
}


def arc_record(url: str, content: bytes, kind: str = "text/html", more: str = "") -> bytes:
    """One uncompressed ARC record; `more` are fields that only the second version has, each with a space behind it."""
    return f"{url} 10.0.0.1 20240102030405 {kind} {more}{len(content)}\n".encode() + content + b"\n"


def arc_description() -> bytes:
    """The record that an ARC file begins with."""
    content = b"1 0 X\nURL IP-address Archive-date Content-type Archive-length\n"
    return arc_record("filedesc://a.arc", content, "text/plain")


def arc(path: Path, *records: bytes) -> Path:
    """A gzip ARC file of these records, a member each."""
    path.write_bytes(b"".join(map(gzip.compress, [arc_description(), *records])))
    return path


def wacz(path: Path, compression: int = zipfile.ZIP_STORED, **archives: bytes) -> Path:
    """A WACZ file with these archives."""
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in archives.items():
            file.writestr(f"archive/{name}.warc.gz", content)
        file.writestr("datapackage.json", "{}")
    return path


def zipped(path: Path) -> Path:
    """A zip file that is no archive of the web."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.txt", "a")
    return path
