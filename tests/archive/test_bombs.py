"""Decompression bombs cost what holds them, a few seconds at most, and no memory."""

import gzip
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import zstandard

from tests.archive import bombs
from tests.archive.builders import arc, arc_record
from tests.archive.responses import http, record
from webpairs.archive.read import BODY_AT_MOST

GOOD = [record(f"http://x.example/{n}", http(b"<html>fine")) for n in range(3)]
MEGABYTE = 1 << 20
# Reading holds a body of BODY_AT_MOST a few times over: as it lies in the archive, in pieces, and whole.
MEMORY_AT_MOST = 4 * BODY_AT_MOST

READ_ALL = """
import json, resource, sys
from webpairs.archive.read import Tally, records
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
before, tally, found = peak(), Tally(), []
from pathlib import Path
for path in sys.argv[1:]:
    found += [one.head.url[-1] for one in records(Path(path), lambda head: True, tally)]
print(json.dumps({"found": "".join(found), "drops": tally.drops, "breaks": tally.breaks, "grown": peak() - before}))
"""


def with_bomb(bomb: bytes, length: int) -> bytes:
    """A record's header whose content is as long as that."""
    made = record("http://x.example/b", http(b""))
    size = len(http(b""))
    return made.replace(b"Content-Length: %d" % size, b"Content-Length: %d" % length).removesuffix(b"\r\n\r\n") + bomb


def archives(folder: Path) -> dict[str, tuple[bytes, str]]:
    """Of each archive the bytes, and what of it is found."""
    pack = gzip.compress
    bodies = [
        record("http://x.example/b", http(make(), *([f"Content-Encoding: {coding}"] if coding else [])))
        for coding, make in bombs.BODIES.items()
    ]
    long = with_bomb(b"", bombs.MEGABYTES << 20)
    request = long.replace(b"WARC-Type: response", b"WARC-Type: request")
    between = {
        "bodies": b"".join(pack(body, 1) for body in bodies),
        "member": bombs.gzipped(long),
        "member that isn't wanted": bombs.gzipped(request),
        "member with a tail": bombs.gzipped(GOOD[1]),
        "member of blank lines": bombs.gzipped(b"", b"\r\n"),
        "record and blank lines": bombs.gzipped(GOOD[1], b"\r\n"),
        "frame": bombs.zstd(long),
        "frame that isn't wanted": bombs.zstd(request),
        "frame with a tail": bombs.zstd(GOOD[1]),
    }
    made = {}
    for name, bomb in between.items():
        around = zstandard.compress if "frame" in name else pack
        inside = "1" if "tail" in name or "record and" in name else ""
        made[name] = around(GOOD[0]) + bomb + around(GOOD[2]), f"0{inside}2"
    arc_head = arc_record("http://x.example/b", b"").replace(b" 0\n", b" %d\n" % (bombs.MEGABYTES << 20)).rstrip(b"\n")
    path = arc(folder / "a", *(arc_record(f"http://x.example/{n}", http(b"<html>")) for n in (0, 2)))
    members = path.read_bytes().split(b"\x1f\x8b\x08")
    made["ARC"] = (
        b"\x1f\x8b\x08".join(members[:3]) + bombs.gzipped(arc_head + b"\n") + b"\x1f\x8b\x08" + members[3],
        "02",
    )
    return made


def test_bombs_cost_no_memory_and_nothing_beside(tmp_path: Path) -> None:
    paths, expected = [], ""
    for number, (content, found) in enumerate(archives(tmp_path).values()):
        assert len(content) < 16 * MEGABYTE
        paths.append(tmp_path / str(number))
        paths[-1].write_bytes(content)
        expected += found
    run = subprocess.run(
        [sys.executable, "-c", READ_ALL, *map(str, paths)], capture_output=True, text=True, check=True, timeout=120
    )
    result = json.loads(run.stdout)
    assert result["found"] == expected
    assert result["drops"] == {"body_too_large": len(bombs.BODIES) + 3}
    assert Counter(reason for _, reason in result["breaks"]) == {
        "a decompression bomb": 5,
        "blank lines without end": 2,
        "Invalid WARC header": 2,
    }
    assert result["grown"] < MEMORY_AT_MOST
