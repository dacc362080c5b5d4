"""The losses of the span model, and what they and the predictions share: probabilities over allowed positions."""

import torch
import torch.nn.functional as F
from torch import Tensor


def log_probabilities(logits: Tensor, allowed: Tensor) -> Tensor:
    """Log-softmax over the allowed positions, [batch, tokens]; elsewhere a number so small that its exp is 0."""
    return F.log_softmax(logits.masked_fill(~allowed, torch.finfo(logits.dtype).min), dim=-1)


def cross_entropy(start: Tensor, end: Tensor, allowed: Tensor, first: Tensor, last: Tensor) -> Tensor:
    """Mean of the cross-entropies of start and end, over the batch; `first` and `last` are the true tokens, [batch]."""
    start_loss = F.nll_loss(log_probabilities(start, allowed), first)
    end_loss = F.nll_loss(log_probabilities(end, allowed), last)
    return (start_loss + end_loss) / 2


def soft_iou(start: Tensor, end: Tensor, allowed: Tensor, first: Tensor, last: Tensor) -> Tensor:
    """1 - soft IoU, averaged over the batch.

    With m_i = P(start <= i) * P(end >= i) for the probability that token i is in the span, and t_i = 1 for the tokens
    of the true span, soft IoU = sum(m_i t_i) / sum(m_i + t_i - m_i t_i): 1 where all mass lies on the true start and
    end, and differentiable, as the IoU of the best span is not. None is a span of its own token alone.
    """
    tokens = start.shape[-1]
    # Sums by a triangle instead of cumsum, whose order of additions is not fixed on a GPU.
    triangle = torch.triu(torch.ones(tokens, tokens, device=start.device, dtype=start.dtype))
    started = log_probabilities(start, allowed).exp() @ triangle
    unended = log_probabilities(end, allowed).exp() @ triangle.T
    member = started * unended * allowed
    position = torch.arange(tokens, device=start.device)
    truth = ((position >= first[:, None]) & (position <= last[:, None])).to(start.dtype)
    common = (member * truth).sum(-1)
    either = (member + truth).sum(-1) - common
    return (1 - common / either).mean()


def both(start: Tensor, end: Tensor, allowed: Tensor, first: Tensor, last: Tensor) -> Tensor:
    """The sum of the two: where a span begins and ends, and how much of it is covered."""
    return cross_entropy(start, end, allowed, first, last) + soft_iou(start, end, allowed, first, last)


LOSSES = {"cross_entropy": cross_entropy, "soft_iou": soft_iou, "both": both}
