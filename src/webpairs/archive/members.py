"""Members of compressed archives (zstd and lz4 call them frames): how one begins, and where it ends."""

import zlib
from collections.abc import Callable
from typing import Any

import zstandard

from webpairs.archive.region import Region

PLAIN, GZIP, ZSTD, LZ4 = "", "gz", "zst", "lz4"
DICTIONARY_AT_MOST = 16 << 20
# Nothing that a page or an image is made of is larger and packs better.
BOMB_FROM = 64 << 20
BOMB_RATIO = 500

_MAGICS = {b"\x1f\x8b\x08": GZIP, b"\x28\xb5\x2f\xfd": ZSTD, b"\x04\x22\x4d\x18": LZ4}
_SKIPPABLE = b"\x2a\x4d\x18"
_DICTIONARY = b"\x5d" + _SKIPPABLE
_PIECE = 64 << 10


def compression(head: bytes) -> str:
    """GZIP, ZSTD or LZ4, or PLAIN, of what begins so."""
    if head[1:4] == _SKIPPABLE and 0x50 <= head[0] <= 0x5F:
        return ZSTD
    return _MAGICS.get(head[:4]) or _MAGICS.get(head[:3], PLAIN)


def is_bomb(size: int, packed: int) -> bool:
    """Whether so much content of so few bytes isn't worth going through to its end."""
    return size > max(BOMB_FROM, BOMB_RATIO * packed)


def dictionary(region: Region) -> Any:
    """zstandard's dictionary, where a region begins with one; else None. Raises OSError where it can't be had."""
    head = region.at(0, 8)
    if not head.startswith(_DICTIONARY):
        return None
    size = int.from_bytes(head[4:], "little")
    if size > DICTIONARY_AT_MOST:
        raise OSError(f"the dictionary has {size} bytes")
    content = region.at(8, size)
    if len(content) < size:
        raise OSError("the file ends within its dictionary")
    try:
        if compression(content[:4]) == ZSTD:
            content = _unpacked(content)
        found = zstandard.ZstdCompressionDict(content)
        # Whether it is one shows with its first use.
        zstandard.ZstdDecompressor(dict_data=found)
    except zstandard.ZstdError as error:
        raise OSError(f"the dictionary can't be decoded: {error}") from None
    return found


def _unpacked(dictionary: bytes) -> bytes:
    stop = frame_end(lambda offset, size: dictionary[offset : offset + size], 0, ZSTD)
    if stop is None or stop > len(dictionary):
        raise OSError("the dictionary is cut")
    reader = zstandard.ZstdDecompressor(max_window_size=DICTIONARY_AT_MOST).stream_reader(dictionary)
    content: bytes = reader.read(DICTIONARY_AT_MOST + 1)
    if len(content) > DICTIONARY_AT_MOST:
        raise OSError("the dictionary is too large")
    return content


# Bytes of a region: an offset, and how many.
At = Callable[[int, int], bytes]


def end(region: Region, offset: int) -> int | None:
    """Where the member at this offset ends; None where it is cut or damaged, or a bomb."""
    kind = compression(region.at(offset, 4))
    found = _gzip_end(region, offset) if kind == GZIP else frame_end(region.at, offset, kind)
    return found if found is not None and found <= region.size else None


def frame_end(at: At, offset: int, kind: str) -> int | None:
    """Where the frame at this offset says that it ends; None where what says so is cut."""
    return _zstd_end(at, offset) if kind == ZSTD else _lz4_end(at, offset)


def _gzip_end(region: Region, offset: int) -> int | None:
    """gzip says nowhere how long a member is: all of it is decompressed, piece by piece, and forgotten."""
    decompressor = zlib.decompressobj(16 + zlib.MAX_WBITS)
    position, size = offset, 0
    try:
        while not decompressor.eof:
            piece = region.at(position, _PIECE)
            if not piece:
                return None
            position += len(piece)
            while piece and not decompressor.eof:
                size += len(decompressor.decompress(piece, 1 << 20))
                piece = decompressor.unconsumed_tail
                if is_bomb(size, position - offset):
                    return None
    except zlib.error:
        return None
    return position - len(decompressor.unused_data)


def _zstd_end(at: At, offset: int) -> int | None:
    """By the lengths in the headers of its blocks (RFC 8878, 3.1.1)."""
    head = at(offset, 8)
    if len(head) < 8:
        return None
    if head[1:4] == _SKIPPABLE:
        return offset + 8 + int.from_bytes(head[4:], "little")
    descriptor = head[4]
    is_single = descriptor >> 5 & 1
    place = offset + 5 + (1 - is_single) + (0, 1, 2, 4)[descriptor & 3] + (is_single, 2, 4, 8)[descriptor >> 6]
    while len(block := at(place, 3)) == 3:
        header = int.from_bytes(block, "little")
        is_run = header >> 1 & 3 == 1
        place += 3 + (1 if is_run else header >> 3)
        if header & 1:
            return place + 4 * (descriptor >> 2 & 1)
    return None


def _lz4_end(at: At, offset: int) -> int | None:
    """By the lengths in the headers of its blocks (the LZ4 frame format)."""
    head = at(offset, 5)
    if len(head) < 5:
        return None
    flags = head[4]
    place = offset + 7 + 8 * (flags >> 3 & 1) + 4 * (flags & 1)
    while len(block := at(place, 4)) == 4:
        size = int.from_bytes(block, "little") & 0x7FFFFFFF
        place += 4
        if size == 0:
            return place + 4 * (flags >> 2 & 1)
        place += size + 4 * (flags >> 4 & 1)
    return None
