"""What the three trainings share: seeded batches, AdamW with warm-up and decay, averaged weights, bfloat16."""

from collections.abc import Callable, Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from webpairs.foundation.grow.recipe import Training
from webpairs.progress import bar

_WARM_UP = 0.05
_AVERAGING = 0.999


def train(
    modules: Iterable[nn.Module],
    training: Training,
    seed: int,
    loss_of: Callable[[NDArray[np.int64]], torch.Tensor],
    what: str,
) -> list[float]:
    """Trains the modules in place and leaves them with their averaged weights; returns the loss of each step.

    `loss_of(index)` gives the loss of a batch, of the pictures with these numbers. Arithmetic is in bfloat16 where
    torch's autocast thinks it safe (on CPUs with AVX-512 three times as fast as float32), weights are in float32.
    """
    weights = [weight for module in modules for weight in module.parameters()]
    averaged = [weight.detach().clone() for weight in weights]
    optimizer = torch.optim.AdamW(weights, lr=training.rate, betas=(0.9, 0.99), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, training.rate, total_steps=training.steps + 1, pct_start=_WARM_UP
    )
    device = weights[0].device.type
    random = np.random.default_rng(seed)
    losses: list[float] = []
    with bar(what, "steps", training.steps) as shown:
        for step in range(training.steps):
            with torch.autocast(device, torch.bfloat16):
                loss = loss_of(random.integers(0, training.pictures, training.batch))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            schedule.step()
            keep = min(_AVERAGING, (step + 1) / (step + 20))
            with torch.no_grad():
                for average, weight in zip(averaged, weights, strict=True):
                    average.lerp_(weight, 1 - keep)
            losses.append(loss.item())
            shown.update()
            shown.set_postfix_str(f"loss {np.mean(losses[-50:]):.4f}")
            if step % 200 == 199:
                print(f"{what}: step {step + 1} of {training.steps}, loss {np.mean(losses[-200:]):.4f}", flush=True)
    with torch.no_grad():
        for average, weight in zip(averaged, weights, strict=True):
            weight.copy_(average)
    return losses
