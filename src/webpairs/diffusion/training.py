"""Fine-tuning the UNet of an SDXL, and nothing else of it.

One process trains on the CPU or one GPU; `torchrun --nproc_per_node=N -m stages.finetune` trains on N GPUs: every batch
of `batch_size` is then shared out among them, and the same noise is drawn whatever their number.
"""

import math
import shutil
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import Tensor

from webpairs.diffusion.encoding import Encoded
from webpairs.diffusion.seeds import derive
from webpairs.errors import WebpairsError
from webpairs.params import Finetune
from webpairs.progress import bar

_MIXED = {"float32": "no", "bfloat16": "bf16", "float16": "fp16"}
_MAX_GRADIENT = 1.0
_CHECKPOINT_SECONDS = 300.0


@dataclass
class Progress:
    """The mean loss of every step that is done; kept in checkpoints."""

    losses: list[float] = field(default_factory=list)

    def state_dict(self) -> dict[str, Any]:
        return {"losses": list(self.losses)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.losses = list(state["losses"])


@dataclass(frozen=True)
class Draw:
    """What one step is made of, the same on every number of processes."""

    rows: Tensor  # of the pairs, [batch]
    texts: Tensor  # rows of their texts; 0 where the caption is dropped
    timesteps: Tensor
    noise: Tensor


def accelerator(settings: Finetune, logs: Path | None = None) -> Accelerator:
    """What trains: device, precision and processes as launched; losses go to TensorBoard below `logs`.

    Raises WebpairsError where the precision or the batch size doesn't fit.
    """
    if settings.precision == "float16" and not torch.cuda.is_available():
        raise WebpairsError("finetune.precision is float16, which trains on a GPU only: set float32 or bfloat16.")
    made = Accelerator(
        # Told, it also finds the other processes of a launch without a GPU.
        cpu=not torch.cuda.is_available(),
        mixed_precision=_MIXED[settings.precision],
        log_with=None if logs is None else "tensorboard",
        project_dir=None if logs is None else str(logs),
    )
    if settings.batch_size % made.num_processes:
        raise WebpairsError(
            f"finetune.batch_size is {settings.batch_size}, which {made.num_processes} processes can't share evenly: "
            "launch another number of them, or change the batch size."
        )
    return made


def step_count(pairs: int, settings: Finetune) -> int:
    """How many steps the epochs take: batches are full, and go on over the end of an epoch."""
    steps = max(1, pairs * settings.epochs // settings.batch_size)
    return steps if settings.max_steps is None else min(steps, settings.max_steps)


def train(
    unet: Any, schedule: Any, encoded: Encoded, settings: Finetune, engine: Accelerator, checkpoint: Path
) -> list[float]:
    """Trains the UNet in place and returns the mean loss of every step.

    The state is kept at `checkpoint` every few minutes and taken up from there; all chance hangs on (seed, step), so
    that an interrupted training ends with the same weights as one that wasn't.
    """
    torch.manual_seed(settings.seed)
    unet.train()
    if settings.gradient_checkpointing:
        unet.enable_gradient_checkpointing()
    optimizer = torch.optim.AdamW(unet.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    model, optimizer = engine.prepare(unet, optimizer)
    progress = Progress()
    engine.register_for_checkpointing(progress)
    if checkpoint.is_dir():
        engine.load_state(str(checkpoint))
    steps = step_count(len(encoded), settings)
    kept = time.monotonic()
    with bar("finetune", "steps", steps) as shown:
        shown.update(len(progress.losses))
        for step in range(len(progress.losses), steps):
            loss = _loss(model, schedule, encoded, draw(step, encoded, schedule, settings), engine)
            engine.backward(loss)
            engine.clip_grad_norm_(model.parameters(), _MAX_GRADIENT)
            for group in optimizer.param_groups:
                group["lr"] = settings.learning_rate * share_of_rate(step, steps, settings.schedule)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            progress.losses.append(float(engine.reduce(loss.detach(), "mean")))
            engine.log({"loss": progress.losses[-1]}, step=step)
            shown.update()
            shown.set_postfix_str(f"loss {progress.losses[-1]:.4f}")
            if time.monotonic() - kept > _CHECKPOINT_SECONDS:
                keep(engine, checkpoint)
                kept = time.monotonic()
    return progress.losses


def share_of_rate(step: int, steps: int, schedule: Literal["constant", "cosine"]) -> float:
    """The share of the learning rate at a step, counted from 0: all of it always, or by a cosine from all to none."""
    return 1.0 if schedule == "constant" else (1 + math.cos(math.pi * step / steps)) / 2


def draw(step: int, encoded: Encoded, schedule: Any, settings: Finetune) -> Draw:
    """What this step trains on: pairs in a new order every epoch, noise, times, and which captions are dropped."""
    places = range(step * settings.batch_size, (step + 1) * settings.batch_size)
    epochs = [divmod(place, len(encoded)) for place in places]
    rows = torch.tensor([_order(epoch, len(encoded), settings.seed)[place] for epoch, place in epochs])
    chance = torch.Generator().manual_seed(derive(settings.seed, "step", step))
    noise = torch.randn((len(rows), *encoded.latents.shape[1:]), generator=chance)
    times = torch.randint(0, schedule.config.num_train_timesteps, rows.shape, generator=chance)
    dropped = torch.rand(rows.shape, generator=chance) < settings.caption_dropout
    return Draw(rows, torch.where(dropped, 0, rows + 1), times, noise)


def keep(engine: Accelerator, checkpoint: Path) -> None:
    """Writes the state beside the last one, and then puts it in its place."""
    partial = checkpoint.with_name(f"{checkpoint.name}.partial")
    engine.save_state(str(partial))
    if engine.is_main_process:
        shutil.rmtree(checkpoint, ignore_errors=True)
        partial.rename(checkpoint)
    engine.wait_for_everyone()


def windows(losses: list[float], rows: int = 100) -> list[dict[str, float]]:
    """The loss curve in at most so many rows: `step` is the last of its window, `loss` the mean over it."""
    size = -(-len(losses) // rows)
    starts = range(0, len(losses), size)
    parts = [losses[start : start + size] for start in starts]
    return [
        {"step": start + len(part), "loss": float(np.mean(part))} for start, part in zip(starts, parts, strict=True)
    ]


@lru_cache(maxsize=2)
def _order(epoch: int, pairs: int, seed: int) -> list[int]:
    order: list[int] = np.random.default_rng(derive(seed, "epoch", epoch)).permutation(pairs).tolist()
    return order


def _loss(model: Any, schedule: Any, encoded: Encoded, drawn: Draw, engine: Accelerator) -> Tensor:
    """The mean squared error of this process's share of the batch, a scalar."""
    share = slice(engine.process_index, None, engine.num_processes)
    rows, texts = drawn.rows[share].numpy(), drawn.texts[share].numpy()

    def placed(values: Tensor | NDArray[np.float32]) -> Tensor:
        return torch.as_tensor(values).to(engine.device)

    latents, noise, times = placed(encoded.latents[rows]), placed(drawn.noise[share]), placed(drawn.timesteps[share])
    prediction = model(
        schedule.add_noise(latents, noise, times),
        times,
        encoder_hidden_states=placed(encoded.texts[texts]),
        added_cond_kwargs={"text_embeds": placed(encoded.pooled[texts]), "time_ids": placed(encoded.size_ids[rows])},
        return_dict=False,
    )[0]
    by_velocity = schedule.config.prediction_type == "v_prediction"
    target = schedule.get_velocity(latents, noise, times) if by_velocity else noise
    return torch.nn.functional.mse_loss(prediction.float(), target)
