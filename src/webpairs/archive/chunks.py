"""Chunked transfer, as archives hold it: whole, cut, wrongly counted, or only said to be."""

import io
import re

# A page that is sent byte by byte isn't worth the time.
CHUNKS_AT_MOST = 1 << 20

_SIZE = rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]{0,1024})?\r?\n"
_HEAD = re.compile(_SIZE)
_NEXT = re.compile(rb"\r?\n" + _SIZE)
_NEWLINE = re.compile(rb"\r?\n")


class TooManyChunks(Exception):
    """A body in more chunks than CHUNKS_AT_MOST."""


def unchunk(body: bytes) -> bytes:
    """The content of the chunks; a body that isn't chunked as it stands.

    Where a chunk doesn't end as it says, it ends where the next one begins, or at the end. Raises TooManyChunks.
    """
    head = _HEAD.match(body)
    if head is None or _is_a_line(body, head):
        return body
    content = io.BytesIO()
    for _ in range(CHUNKS_AT_MOST):
        size = int(head[1], 16)
        if size == 0:
            return content.getvalue()
        stop = head.end() + size
        following = _NEXT.match(body, stop) or _NEXT.search(body, stop)
        if following is None:
            # The last chunk there is: cut, or without the empty one that should follow.
            content.write(body[head.end() : stop])
            content.write(body[stop:].removeprefix(b"\r").removeprefix(b"\n"))
            return content.getvalue()
        content.write(body[head.end() : following.start()])
        head = _HEAD.match(body, body.index(b"\n", following.start()) + 1)
        if head is None:
            return content.getvalue()
    raise TooManyChunks


def _is_a_line(body: bytes, head: re.Match[bytes]) -> bool:
    """Whether what looks like a chunk's head is but a line of the content: nothing ends where it would."""
    stop = head.end() + int(head[1], 16)
    return stop < len(body) and not _NEWLINE.match(body, stop) and not _NEXT.search(body, head.end())
