"""Batches of windows: of similar length, padded to the longest of each batch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from webpairs.span.windows import AFTER, BEFORE, Window

# The token whose start and end stand for none: the first.
NONE = 0

_NO_BLOCK = 2**31  # beyond the number of any

# Windows that are sorted by length together while training; a batch then wastes little on padding, and yet the order
# of batches stays random.
_POOL = 32


@dataclass(frozen=True)
class Batch:
    """Padded tensors of some windows, [batch, tokens] each."""

    ids: Tensor
    mask: Tensor  # 1 for tokens, 0 for padding
    side: Tensor  # BEFORE, AFTER or NEITHER
    block: Tensor  # of the side
    matched: Tensor  # the bits of windows.MATCHES
    edges: Tensor  # those of BEGINS and ENDS
    answers_none: bool  # by the first token

    @property
    def beside(self) -> Tensor:
        """Whether a token is of the block of text right before the image, or of that right after it."""
        before, after = self.side == BEFORE, self.side == AFTER
        last = self.block.masked_fill(~before, -1).amax(-1, keepdim=True)
        first = self.block.masked_fill(~after, _NO_BLOCK).amin(-1, keepdim=True)
        return (before & (self.block == last)) | (after & (self.block == first))

    @property
    def allowed(self) -> Tensor:
        """Where spans may start and end; where none is an answer, its token too."""
        allowed = self.side != 0
        if self.answers_none:
            allowed[:, NONE] = True
        return allowed


def collate(windows: Sequence[Window], pad_id: int, device: torch.device, answers_none: bool) -> Batch:
    """One batch of these windows."""
    longest = max(map(len, windows))
    ids = np.full((len(windows), longest), pad_id, np.int64)
    mask = np.zeros_like(ids)
    side, block, matched, edges = (np.zeros_like(ids) for _ in range(4))
    for row, window in enumerate(windows):
        ids[row, : len(window)] = window.ids
        mask[row, : len(window)] = 1
        side[row, : len(window)] = window.side
        block[row, : len(window)] = window.block
        matched[row, : len(window)] = window.matched
        edges[row, : len(window)] = window.edges
    tensors = [torch.from_numpy(array).to(device) for array in (ids, mask, side, block, matched, edges)]
    return Batch(tensors[0], tensors[1], tensors[2], tensors[3], tensors[4], tensors[5], answers_none)


def by_length(windows: Sequence[Window], size: int) -> list[list[int]]:
    """Indices of the windows in batches, longest first: what memory is needed shows at the start."""
    order = sorted(range(len(windows)), key=lambda index: -len(windows[index]))
    return [order[first : first + size] for first in range(0, len(order), size)]


def shuffled(windows: Sequence[Window], size: int, seed: int) -> list[list[int]]:
    """Indices of the windows in batches of similar length, in random order."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(windows)).tolist()
    pool = size * _POOL
    batches: list[list[int]] = []
    for first in range(0, len(order), pool):
        part = sorted(order[first : first + pool], key=lambda index: len(windows[index]))
        batches.extend(part[start : start + size] for start in range(0, len(part), size))
    return [batches[index] for index in random.permutation(len(batches))]
