"""What a training run came to, as metrics and as tables for plots."""

from dataclasses import asdict
from typing import Any

from webpairs.span.training import Trained

HISTORY = ("epoch", "train_loss", "validation_loss", "exact_match", "iou", "answer_iou", "iou_le_5", "iou_ge_95")
DISTRIBUTION = ("epoch", "bin", "share")


def history_rows(trained: Trained) -> list[dict[str, Any]]:
    """A row an epoch, with the columns HISTORY."""
    return [{name: asdict(epoch)[name] for name in HISTORY} for epoch in trained.epochs]


def distribution_rows(trained: Trained) -> list[dict[str, Any]]:
    """A row for each epoch and bin of IoU, with the columns DISTRIBUTION; `bin` is the lower edge in %."""
    return [{"epoch": epoch.epoch, **share} for epoch in trained.epochs for share in epoch.bins]


def training_metrics(trained: Trained) -> dict[str, Any]:
    """Examples used and left out, the first, the last and the best epoch, and the encoder that it began with."""
    rows = history_rows(trained)
    model = trained.model
    return {
        "examples": trained.counts,
        "epochs": len(rows),
        "best": rows[trained.best.epoch - 1],
        "first": rows[0],
        "last": rows[-1],
        "max_tokens": model.settings.max_tokens,
        "precision": model.settings.precision,
        "calibration": None if model.settings.calibration is None else model.settings.calibration.model_dump(),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "models": {"encoder": model.settings.encoder},
    }
