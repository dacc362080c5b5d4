"""Training of the span model: seeded, resumed after a kill, the epoch with the best IoU kept."""

import io
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl
import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from webpairs.errors import WebpairsError
from webpairs.evaluation.spans import distribution, summary, word_iou
from webpairs.params import TrainSpan
from webpairs.progress import Bar, bar
from webpairs.shards import write_bytes
from webpairs.span.batches import Batch, collate, shuffled
from webpairs.span.examples import Data, data_of, sample
from webpairs.span.losses import LOSSES
from webpairs.span.model import SpanModel, best_device
from webpairs.span.prediction import empty, fill, look

_WEIGHT_DECAY = 0.01
_MAX_GRADIENT = 1.0

State = dict[str, Tensor]


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to; `bins` are the shares of validation examples in 20 bins of IoU."""

    epoch: int
    train_loss: float
    validation_loss: float
    exact_match: float
    iou: float
    iou_le_5: float
    iou_ge_95: float
    bins: list[dict[str, Any]]


@dataclass(frozen=True)
class Trained:
    """The model of the best epoch, all epochs, what was counted, and how many sequences this process trained on."""

    model: SpanModel
    epochs: list[Epoch]
    best: Epoch
    counts: dict[str, int]
    sequences: int


def train(
    model: SpanModel, examples: pl.DataFrame, validation: pl.DataFrame, params: TrainSpan, checkpoint: Path, logs: Path
) -> Trained:
    """Trains the model on examples, and judges each epoch on validation, both as records.EXAMPLES.

    After each epoch everything needed to go on is written to `checkpoint`, and found there it is gone on with, to the
    same bytes. TensorBoard's files go to `logs`. Raises WebpairsError where no true span fits into a window.
    """
    torch.use_deterministic_algorithms(True, warn_only=True)
    examples = sample(examples, params.max_examples, params.seed)
    every, judged = data_of(model, examples), data_of(model, validation)
    data = every.inside()
    if not data.windows or not judged.inside().windows:
        raise WebpairsError(
            f"No description of {len(every.windows)} examples to train on and {len(judged.windows)} to validate with "
            f"lies within {model.settings.max_tokens} tokens around its image: raise train_span.max_tokens."
        )
    model.to(best_device())
    _freeze(model, params.frozen_layers)
    run = _Run(model, data, params)
    run.resume(checkpoint)
    to_train = params.epochs - len(run.epochs)
    steps = params.epochs * math.ceil(len(data.windows) / params.batch_size)
    with SummaryWriter(str(logs)) as board, bar("train_span", "steps", steps) as progress:
        progress.update(run.step)
        for epoch in range(len(run.epochs) + 1, params.epochs + 1):
            run.finish_epoch(run.train_epoch(epoch, progress, board), judged, board)
            run.save(checkpoint)
            progress.set_postfix_str(f"IoU {run.epochs[-1].iou:.3f}")
    model.load_state_dict(run.best_state)
    counts = {
        "train": len(data.windows),
        "validation": len(judged.windows),
        "train_outside_window": len(every.windows) - len(data.windows),
        "validation_outside_window": judged.tokens.count(None),
    }
    return Trained(model.eval(), run.epochs, run.best, counts, to_train * len(data.windows))


class _Run:
    """The state of a training run."""

    def __init__(self, model: SpanModel, data: Data, params: TrainSpan) -> None:
        self.model = model
        self.data = data
        self.params = params
        self.step = 0
        self.epochs: list[Epoch] = []
        self.best_state: State = {}
        self._parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self._optimiser = torch.optim.AdamW(self._parameters, lr=params.learning_rate, weight_decay=_WEIGHT_DECAY)
        self._loss = LOSSES[params.loss]
        self._steps = params.epochs * math.ceil(len(data.windows) / params.batch_size)

    @property
    def best(self) -> Epoch:
        """The epoch with the highest IoU; of equals the one with the lowest validation loss."""
        return max(self.epochs, key=lambda epoch: (epoch.iou, -epoch.validation_loss))

    def train_epoch(self, epoch: int, progress: Bar, board: SummaryWriter) -> float:
        """One pass over the data; the mean loss an example. The seed is the epoch's own, so that it can be resumed."""
        seed = self.params.seed + epoch
        torch.manual_seed(seed)
        self.model.train()
        total = 0.0
        for rows in shuffled(self.data.windows, self.params.batch_size, seed):
            loss = self.loss(rows)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self._parameters, _MAX_GRADIENT)
            for group in self._optimiser.param_groups:
                group["lr"] = self.params.learning_rate * schedule(self.step, self._steps, self.params.warmup_share)
            self._optimiser.step()
            self._optimiser.zero_grad(set_to_none=True)
            self.step += 1
            total += loss.item() * len(rows)
            board.add_scalar("train/loss", loss.item(), self.step)
            progress.update()
        return total / len(self.data.windows)

    def loss(self, rows: Sequence[int]) -> Tensor:
        """The mean loss of some examples."""
        device = next(self.model.parameters()).device
        batch = collate([self.data.windows[row] for row in rows], self.model.tokenizer.pad_token_id, device)
        start, end = self.model(self._masked(batch), batch.mask)
        truth = torch.tensor([self.data.tokens[row] for row in rows], device=device)
        return self._loss(start, end, batch.allowed, truth[:, 0], truth[:, 1])

    def _masked(self, batch: Batch) -> Tensor:
        """The batch's ids with a share of the text's tokens hidden: the model can't learn few examples by heart."""
        if not self.params.token_masking:
            return batch.ids
        hidden = torch.rand(batch.ids.shape).to(batch.ids.device) < self.params.token_masking
        tokenizer = self.model.tokenizer
        mask_id = tokenizer.unk_token_id if tokenizer.mask_token_id is None else tokenizer.mask_token_id
        return batch.ids.masked_fill(hidden & batch.allowed, mask_id)

    def finish_epoch(self, train_loss: float, judged: Data, board: SummaryWriter) -> None:
        """Judges the epoch, and keeps the model where it is the best so far."""
        loss, ious = self._validate(judged)
        numbers = {name: value for name, value in summary(ious).items() if name != "n"}
        self.epochs.append(Epoch(len(self.epochs) + 1, train_loss, loss, **numbers, bins=distribution(ious)))
        for name, value in {"loss": loss, **numbers}.items():
            board.add_scalar(f"validation/{name}", value, self.step)
        if self.best is self.epochs[-1]:
            self.best_state = {name: value.detach().cpu().clone() for name, value in self.model.state_dict().items()}

    def _validate(self, judged: Data) -> tuple[float, list[float]]:
        """Mean loss over the examples whose span is in the window, and the IoU of all."""
        found = empty(len(judged.windows))
        total, count = 0.0, 0
        for logits in look(self.model, judged.windows, self.params.batch_size, "validate"):
            fill(found, logits, judged.windows, self.model.settings.max_span_tokens)
            true = [judged.tokens[row] for row in logits.rows]
            inside = [index for index, tokens in enumerate(true) if tokens is not None]
            if inside:
                truth = torch.tensor([true[index] for index in inside], device=logits.start.device)
                start, end, allowed = (part[inside] for part in (logits.start, logits.end, logits.batch.allowed))
                total += self._loss(start, end, allowed, truth[:, 0], truth[:, 1]).item() * len(inside)
                count += len(inside)
        spans = zip(found.start.tolist(), found.end.tolist(), strict=True)
        ious = [word_iou(*row) for row in zip(judged.texts, spans, judged.spans, strict=True)]
        return total / count, ious

    def save(self, checkpoint: Path) -> None:
        """Writes all that the next epoch needs."""
        content = io.BytesIO()
        state = {
            "model": self.model.state_dict(),
            "best": self.best_state,
            "optimiser": self._optimiser.state_dict(),
            "step": self.step,
            "epochs": [asdict(epoch) for epoch in self.epochs],
        }
        torch.save(state, content)
        write_bytes(checkpoint, content.getvalue())

    def resume(self, checkpoint: Path) -> None:
        """Goes on from a checkpoint, where there is one."""
        if not checkpoint.exists():
            return
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        self.model.load_state_dict(state["model"])
        self._optimiser.load_state_dict(state["optimiser"])
        self.best_state = state["best"]
        self.step = state["step"]
        self.epochs = [Epoch(**epoch) for epoch in state["epochs"]]


def schedule(step: int, steps: int, warmup_share: float) -> float:
    """The share of the learning rate at a step, counted from 0: linear warm-up, then linear decay to almost 0."""
    warmup = int(steps * warmup_share)
    if step < warmup:
        return (step + 1) / (warmup + 1)
    return (steps - step) / max(1, steps - warmup)


def _freeze(model: SpanModel, layers: int) -> None:
    """Keeps the embeddings and the lowest layers of the encoder as they are; 0 trains everything."""
    if not layers:
        return
    stacks = [module for module in model.encoder.modules() if isinstance(module, torch.nn.ModuleList)]
    frozen = [model.encoder.embeddings, *stacks[0][:layers]]
    for module in frozen:
        module.requires_grad_(False)
