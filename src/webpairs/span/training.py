"""Training of the span model: seeded, resumed after a kill at any step, the epoch with the best answers kept."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import torch
from accelerate import Accelerator
from torch.utils.tensorboard import SummaryWriter

from webpairs.errors import WebpairsError
from webpairs.evaluation.spans import RIGHT_IOU
from webpairs.params import TrainSpan
from webpairs.progress import bar
from webpairs.span.calibration import Calibration, calibrate
from webpairs.span.examples import Data, data_of, sample
from webpairs.span.model import SpanModel
from webpairs.span.prediction import predict
from webpairs.span.run import Epoch, Run, ious_of
from webpairs.span.windows import NEITHER

_UNKNOWN = 0.5  # of the text's tokens up to which it can be read


@dataclass(frozen=True)
class Trained:
    """The model of the best epoch, all epochs, what was counted, how many sequences were trained on since the last
    start, and whether this process is the one to write it down.
    """

    model: SpanModel
    epochs: list[Epoch]
    best: Epoch
    counts: dict[str, int]
    sequences: int
    is_main: bool


def train(
    model: SpanModel, examples: pl.DataFrame, validation: pl.DataFrame, params: TrainSpan, checkpoint: Path, logs: Path
) -> Trained:
    """Trains the model on examples, judges each epoch on validation, both as records.EXAMPLES, and calibrates the best.

    Every few minutes, and after each epoch, everything needed to go on is written to `checkpoint`, and found there it
    is gone on with, to the same bytes; all chance hangs on (seed, epoch, batch). TensorBoard's files go to `logs`.
    Where the model can't say none, or isn't to learn it (`learns_negatives`), examples without description are left out
    of training and of judging epochs, and only have a part in the calibration. Raises WebpairsError where no true span
    fits into a window, or the text is in a script that the encoder doesn't know.
    """
    torch.use_deterministic_algorithms(True, warn_only=True)
    examples = sample(examples, params.max_examples, params.seed)
    every, known = data_of(model, examples, params.mirrored > 0), data_of(model, validation)
    judged = known
    if not (model.settings.answers_none and params.learns_negatives):
        every, judged = every.described(), known.described()
    data = every.inside()
    if not data.described().windows or not judged.inside().described().windows:
        raise WebpairsError(
            f"No description of {len(every.windows)} examples to train on and {len(judged.windows)} to validate with "
            f"lies within {model.settings.max_tokens} tokens around its image: raise train_span.max_tokens."
        )
    _check_script(model, data)
    # Told, accelerate also finds the other processes of a launch without a GPU. Precision is the model's own.
    engine = Accelerator(cpu=not torch.cuda.is_available(), mixed_precision="no")
    model.to(engine.device)
    _freeze(model, params.frozen_layers)
    run = Run(model, data, params, engine)
    run.resume(checkpoint)
    to_train = params.epochs - len(run.epochs)
    board = SummaryWriter(str(logs)) if engine.is_main_process else None
    with bar("train_span", "steps", run.steps) as progress:
        progress.update(run.step)
        for epoch in range(len(run.epochs) + 1, params.epochs + 1):
            run.finish_epoch(run.train_epoch(epoch, progress, board, checkpoint), judged, board)
            run.save(checkpoint)
            progress.set_postfix_str(f"IoU {run.epochs[-1].answer_iou:.3f}")
    if board is not None:
        board.close()
    engine.wait_for_everyone()
    model.load_state_dict(run.best_state)
    model.settings = model.settings.model_copy(update={"calibration": calibrated(model, known, params)})
    counts = {
        "train": len(data.windows),
        "train_without_description": data.spans.count(None),
        "validation": len(known.windows),
        "validation_without_description": known.spans.count(None),
        "train_outside_window": len(every.windows) - len(data.windows),
        "validation_outside_window": known.tokens.count(None),
    }
    return Trained(
        model.eval(), run.epochs, run.best, counts, to_train * len(data.windows), bool(engine.is_main_process)
    )


def calibrated(model: SpanModel, known: Data, params: TrainSpan) -> Calibration:
    """The calibration of the model by these examples."""
    found = predict(model, known.windows, params.batch_size, "calibrate")
    rows = np.flatnonzero(found.start >= 0)
    ious = ious_of(known, found)
    right = [(ious[row] or 0.0) >= RIGHT_IOU for row in rows]
    is_described = [known.spans[row] is not None for row in rows]
    confidences = found.support_confidence[rows], found.none_confidence[rows]
    return calibrate(*confidences, right, is_described, model.settings.answers_none)


def _check_script(model: SpanModel, data: Data) -> None:
    """Raises WebpairsError where most of the text is in letters that the encoder's vocabulary doesn't have."""
    unknown = model.tokenizer.unk_token_id
    of_text = [window.ids[window.side != NEITHER] for window in data.windows]
    share = sum(int((ids == unknown).sum()) for ids in of_text) / max(1, sum(map(len, of_text)))
    if share > _UNKNOWN:
        raise WebpairsError(
            f"Of the tokens around the images {share:.0%} are unknown to the encoder: set foundation.encoder to "
            "one that was trained on this script, or label.language to another."
        )


def _freeze(model: SpanModel, layers: int) -> None:
    """Keeps the embeddings and the lowest layers of the encoder as they are; 0 trains everything."""
    if not layers:
        return
    stacks = [module for module in model.encoder.modules() if isinstance(module, torch.nn.ModuleList)]
    frozen = [model.encoder.embeddings, *stacks[0][:layers]]
    for module in frozen:
        module.requires_grad_(False)
