"""A training run: its steps and epochs, and its state, which is written down so that a killed run goes on.

It may be launched as several processes (accelerate): each computes its share of every batch, and all take the same
steps.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from webpairs.evaluation.spans import distribution, summary, word_iou
from webpairs.params import TrainSpan
from webpairs.progress import Bar
from webpairs.span import checkpoints
from webpairs.span.batches import Batch, collate, shuffled
from webpairs.span.examples import Data
from webpairs.span.losses import LOSSES
from webpairs.span.model import SpanModel
from webpairs.span.prediction import Predictions, empty, fill, look
from webpairs.span.windows import NEITHER

_WEIGHT_DECAY = 0.01
_MAX_GRADIENT = 1.0
_HINTS_DROPPED = 0.5  # from the examples

SAVED_EVERY = 120.0  # seconds

State = dict[str, Tensor]


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to on validation examples.

    Exact match, IoU and its shares in 20 bins are those of the best spans of the examples that have a description, as
    in the thesis; `answer_iou` is the mean over all, where none is an answer like any other: right where there is none.
    """

    epoch: int
    train_loss: float
    validation_loss: float
    exact_match: float
    iou: float
    answer_iou: float
    iou_le_5: float
    iou_ge_95: float
    bins: list[dict[str, Any]]


class Run:
    """The state of a training run."""

    def __init__(self, model: SpanModel, data: Data, params: TrainSpan, engine: Accelerator) -> None:
        self.model = model
        self.data = data
        self.params = params
        self.step = 0
        self.steps = params.epochs * math.ceil(_batches(data, params) / params.gradient_accumulation)
        self.epochs: list[Epoch] = []
        self.best_state: State = {}
        self._engine = engine
        self._steps_of_epoch = 0  # that are done
        self._loss_of_epoch = 0.0
        self._parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self._optimiser = torch.optim.AdamW(_groups(model, params), weight_decay=_WEIGHT_DECAY, fused=True)
        self._loss = LOSSES[params.loss]

    @property
    def best(self) -> Epoch:
        """The epoch with the highest IoU of all answers; of equals the one with the lowest validation loss."""
        return max(self.epochs, key=lambda epoch: (epoch.answer_iou, -epoch.validation_loss))

    def train_epoch(self, epoch: int, progress: Bar, board: SummaryWriter | None, checkpoint: Path) -> float:
        """One pass over the data, or the rest of one; the mean loss an example."""
        self.model.train()
        batches = shuffled(self.data.windows, self.params.batch_size, self.params.seed + epoch)
        together = self.params.gradient_accumulation
        steps = range(0, len(batches), together)
        saved = time.monotonic()
        for first in steps[self._steps_of_epoch :]:
            loss, count = self._gradients(epoch, first, batches[first : first + together])
            torch.nn.utils.clip_grad_norm_(self._parameters, _MAX_GRADIENT)
            for group in self._optimiser.param_groups:
                group["lr"] = group["highest"] * schedule(self.step, self.steps, self.params.warmup_share)
            self._optimiser.step()
            self._optimiser.zero_grad(set_to_none=True)
            self.step += 1
            self._steps_of_epoch += 1
            self._loss_of_epoch += loss
            if board is not None:
                board.add_scalar("train/loss", loss / count, self.step)
            progress.update()
            if time.monotonic() - saved > SAVED_EVERY and self._steps_of_epoch < len(steps):
                self.save(checkpoint)
                saved = time.monotonic()
        mean = self._loss_of_epoch / len(self.data.windows)
        self._steps_of_epoch, self._loss_of_epoch = 0, 0.0
        return mean

    def _gradients(self, epoch: int, first: int, batches: Sequence[Sequence[int]]) -> tuple[float, int]:
        """Computes the gradients of the mean loss over the examples of some batches; their summed loss, and how many.

        `first` is the first batch's number in the epoch. Each process computes the part that `loss` gives it; the sum
        over all is the same on any number of them, but for dropout within the encoder.
        """
        count = sum(map(len, batches))
        total = torch.zeros((), device=self._engine.device)
        for number, rows in enumerate(batches, first):
            torch.manual_seed(_seed(self.params.seed, epoch, number))
            loss = self.loss(rows)
            if loss is not None:
                (loss / count).backward()
                total += loss.detach()
        if self._engine.num_processes > 1:
            total = self._engine.reduce(total, "sum")
            self._sum_gradients()
        return total.item(), count

    def _sum_gradients(self) -> None:
        """Adds up the gradients of all processes: not by DistributedDataParallel, as a process may have no example."""
        own = [torch.zeros_like(one) if one.grad is None else one.grad for one in self._parameters]
        summed = self._engine.reduce(torch.cat([gradient.flatten() for gradient in own]), "sum")
        for parameter, part in zip(self._parameters, summed.split([one.numel() for one in own]), strict=True):
            parameter.grad = part.view_as(parameter)

    def loss(self, rows: Sequence[int]) -> Tensor | None:
        """The summed loss of this process's share of some examples, None where it has none.

        Where the alt text is dropped, half of the examples are without it and without matches, at random, and a share
        is mirrored.
        """
        without, mirrored = [False] * len(rows), [False] * len(rows)
        if self.data.without_hints is not None:
            without = (torch.rand(len(rows)) < _HINTS_DROPPED).tolist()
        if self.data.mirrored is not None:
            mirrored = (torch.rand(len(rows)) < self.params.mirrored).tolist()
        seen = [self.data.view(*one) for one in zip(rows, without, mirrored, strict=True)]
        windows = [window for window, _ in seen]
        device = self._engine.device
        batch = collate(windows, self.model.tokenizer.pad_token_id, device, self.model.settings.answers_none)
        ids = self._masked(batch)
        share = slice(self._engine.process_index, None, self._engine.num_processes)
        if not rows[share]:
            return None
        start, end = self.model(ids[share], batch.mask[share], batch.matched[share], batch.edges[share])
        truth = torch.tensor([span for _, span in seen[share]], device=device)
        return self._loss(start, end, batch.allowed[share], truth[:, 0], truth[:, 1]) * len(rows[share])

    def _masked(self, batch: Batch) -> Tensor:
        """The batch's ids with a share of the text's tokens hidden: the model can't learn few examples by heart."""
        if not self.params.token_masking:
            return batch.ids
        hidden = torch.rand(batch.ids.shape).to(batch.ids.device) < self.params.token_masking
        tokenizer = self.model.tokenizer
        mask_id = tokenizer.unk_token_id if tokenizer.mask_token_id is None else tokenizer.mask_token_id
        return batch.ids.masked_fill(hidden & (batch.side != NEITHER), mask_id)

    def finish_epoch(self, train_loss: float, judged: Data, board: SummaryWriter | None) -> None:
        """Judges the epoch, and keeps the model where it is the best so far."""
        loss, ious, answers = self._validate(judged)
        numbers = {name: value for name, value in summary(ious).items() if name != "n"} | {"answer_iou": answers}
        self.epochs.append(Epoch(len(self.epochs) + 1, train_loss, loss, **numbers, bins=distribution(ious)))
        if board is not None:
            for name, value in {"loss": loss, **numbers}.items():
                board.add_scalar(f"validation/{name}", value, self.step)
        if self.best is self.epochs[-1]:
            self.best_state = {name: value.detach().cpu().clone() for name, value in self.model.state_dict().items()}

    def _validate(self, judged: Data) -> tuple[float, list[float], float]:
        """Mean loss over the examples whose span is in the window, IoUs of those described, mean IoU of all answers."""
        found = empty(len(judged.windows), None)
        total, count = 0.0, 0
        for logits in look(self.model, judged.windows, self.params.batch_size, "validate"):
            fill(found, logits, judged.windows, self.model.settings)
            true = [judged.tokens[row] for row in logits.rows]
            inside = [index for index, tokens in enumerate(true) if tokens is not None]
            if inside:
                truth = torch.tensor([true[index] for index in inside], device=logits.start.device)
                start, end, allowed = (part[inside] for part in (logits.start, logits.end, logits.batch.allowed))
                total += self._loss(start, end, allowed, truth[:, 0], truth[:, 1]).item() * len(inside)
                count += len(inside)
        ious = ious_of(judged, found)
        is_none = ~(found.span_confidence >= found.none_confidence)
        answers = [
            float(none) if iou is None else float(iou * (not none))
            for iou, none in zip(ious, is_none.tolist(), strict=True)
        ]
        return total / count, [iou for iou in ious if iou is not None], sum(answers) / len(answers)

    def save(self, checkpoint: Path) -> None:
        """Writes all that the next step needs."""
        if not self._engine.is_main_process:
            return
        state = {
            "model": self.model.state_dict(),
            "best": self.best_state,
            "optimiser": self._optimiser.state_dict(),
            "step": self.step,
            "steps_of_epoch": self._steps_of_epoch,
            "loss_of_epoch": self._loss_of_epoch,
            "epochs": [asdict(epoch) for epoch in self.epochs],
        }
        checkpoints.write(checkpoint, state)

    def resume(self, checkpoint: Path) -> None:
        """Goes on from a checkpoint, where there is a whole one."""
        state = checkpoints.read(checkpoint, "train_span")
        if state is None:
            return
        self.model.load_state_dict(state["model"])
        self._optimiser.load_state_dict(state["optimiser"])
        self.best_state = state["best"]
        self.step, self._steps_of_epoch = state["step"], state["steps_of_epoch"]
        self._loss_of_epoch = state["loss_of_epoch"]
        self.epochs = [Epoch(**epoch) for epoch in state["epochs"]]


def ious_of(judged: Data, found: Predictions) -> list[float | None]:
    """The IoU of each best span with the true one; None where there is no description."""
    spans = zip(found.start.tolist(), found.end.tolist(), strict=True)
    rows = zip(judged.texts, spans, judged.spans, strict=True)
    return [None if true is None else word_iou(text, span, true) for text, span, true in rows]


def _groups(model: SpanModel, params: TrainSpan) -> list[dict[str, Any]]:
    """What is trained, by the highest learning rate that it has."""
    wanted = {name: one for name, one in model.named_parameters() if one.requires_grad}
    of_encoder = [one for name, one in wanted.items() if name.startswith("encoder.")]
    of_heads = [one for name, one in wanted.items() if not name.startswith("encoder.")]
    rates = (of_encoder, params.learning_rate), (of_heads, params.head_learning_rate)
    return [{"params": own, "highest": rate} for own, rate in rates if own]


def _batches(data: Data, params: TrainSpan) -> int:
    """How many there are in an epoch."""
    return math.ceil(len(data.windows) / params.batch_size)


def _seed(*numbers: int) -> int:
    """A seed that hangs on all of the numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0])


def schedule(step: int, steps: int, warmup_share: float) -> float:
    """The share of the learning rate at a step, counted from 0: linear warm-up, then linear decay to almost 0."""
    warmup = int(steps * warmup_share)
    if step < warmup:
        return (step + 1) / (warmup + 1)
    return (steps - step) / max(1, steps - warmup)
