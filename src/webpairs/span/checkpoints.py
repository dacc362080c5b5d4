"""Checkpoints: the state of a training on disk, whose damage is noticed."""

import hashlib
import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from webpairs.shards import write_bytes

_DIGEST = hashlib.sha256().digest_size  # bytes that a checkpoint ends with


def write(path: Path, state: Mapping[str, Any]) -> None:
    """Writes tensors, numbers, and lists and dicts of such, in place of what is there."""
    content = io.BytesIO()
    torch.save(state, content)
    write_bytes(path, content.getvalue() + hashlib.sha256(content.getbuffer()).digest())


def read(path: Path, stage: str) -> dict[str, Any] | None:
    """What `write` has written; None where there is nothing, or nothing that is whole, which is said."""
    if not path.exists():
        return None
    found = path.read_bytes()
    content, digest = found[:-_DIGEST], found[-_DIGEST:]
    if hashlib.sha256(content).digest() != digest:  # torch notices neither all cuts nor any changed weight
        print(f"{stage} begins anew: {path} is damaged.", file=sys.stderr)
        return None
    state: dict[str, Any] = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    return state
