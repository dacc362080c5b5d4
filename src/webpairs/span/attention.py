"""Attention for encoders that compute in bfloat16 on a CPU: a row of the batch at a time, without its padding.

torch's own takes half of an encoder's time there, on windows of 512 tokens; this takes half as long, so that encoders
predict and learn 1.3 times as fast.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

_NAME = "webpairs_by_row"


def attend_by_row(encoder: Any) -> None:
    """Has an encoder attend in this way, if it can be told how to attend; what it computes is the same, but for the
    last bits of bfloat16.
    """
    if encoder.config._attn_implementation == "sdpa":
        encoder.set_attn_implementation(_NAME)


def _attend(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """[batch, tokens, heads, size] of query, key and value, [batch, heads, tokens, size] each; transformers' interface.

    Of what this can't do, or where it isn't faster, torch's own.
    """
    lengths = None
    is_causal = kwargs.get("is_causal")
    sees_all = attention_mask is not None or not (
        getattr(module, "is_causal", True) if is_causal is None else is_causal
    )
    is_plain = sees_all and not dropout and kwargs.get("position_bias") is None
    if is_plain and query.device.type == "cpu" and query.dtype == torch.bfloat16 and query.shape == key.shape:
        lengths = _lengths(query, attention_mask)
    if lengths is None or scaling is None:
        found: tuple[Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **kwargs
        )
        return found
    states = []
    # Unbound, as gradients of rows that are picked out one by one would each be as large as the batch.
    for queries, keys, values, length in zip(
        (query * scaling).unbind(), key.unbind(), value.unbind(), lengths, strict=True
    ):
        scores = queries[:, :length] @ keys[:, :length].transpose(1, 2)
        own = (scores.softmax(-1) @ values[:, :length]).transpose(0, 1)
        states.append(F.pad(own, (0, 0, 0, 0, 0, query.shape[2] - length)) if length < query.shape[2] else own)
    return torch.stack(states), None


def _lengths(query: Tensor, mask: Tensor | None) -> list[int] | None:
    """How many tokens each row has, where all of them see each other, and the rest is padding; else None."""
    tokens = query.shape[2]
    if mask is None:
        return [tokens] * len(query)
    seen = mask[:, 0, 0]
    lengths = seen.sum(-1)
    is_padding = seen == (torch.arange(tokens) < lengths[:, None])
    if mask.dtype != torch.bool or not is_padding.all() or not (mask == seen[:, None, None]).all():
        return None
    return [int(length) for length in lengths.tolist()]


AttentionInterface.register(_NAME, _attend)
AttentionMaskInterface.register(_NAME, sdpa_mask)
