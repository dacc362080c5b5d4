"""Training."""

import json
import math
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import torch
from accelerate import Accelerator

from tests.span.conftest import SILVER, planted
from webpairs.errors import WebpairsError
from webpairs.evaluation.spans import word_iou
from webpairs.params import Describe, TrainSpan
from webpairs.shards import sha256
from webpairs.span import run as module
from webpairs.span.batches import collate
from webpairs.span.examples import data_of, mirror, sample
from webpairs.span.history import DISTRIBUTION, HISTORY, distribution_rows, history_rows, training_metrics
from webpairs.span.judging import judge
from webpairs.span.model import Settings, load_model, new_model
from webpairs.span.prediction import predict
from webpairs.span.run import schedule
from webpairs.span.silver import label
from webpairs.span.training import Trained, train
from webpairs.span.windows import Texts, Window

ENGINE = Accelerator(cpu=True)


@pytest.fixture(scope="module")
def examples() -> dict[str, pl.DataFrame]:
    frame = planted(domains=8, each=10)
    return label([frame], SILVER).splits


def trained(
    bert: Path, settings: Settings, params: TrainSpan, examples: dict[str, pl.DataFrame], scratch: Path
) -> Trained:
    torch.manual_seed(params.seed)
    used = {name: getattr(params, name) for name in ("loss", "max_tokens", "answers_none")}
    settings = settings.model_copy(update=used)
    model = new_model(bert, settings, params.attention_dropout)
    return train(model, examples["train"], examples["validation"], params, scratch / "run.pt", scratch / "logs")


@pytest.mark.parametrize("loss", ["cross_entropy", "soft_iou", "both"])
def test_eight_examples_are_learned_by_heart(
    loss: str, bert: Path, settings: Settings, training: TrainSpan, examples: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    eight = examples["train"].head(8)
    params = training.model_copy(update={"loss": loss, "epochs": 25, "batch_size": 4, "learning_rate": 1e-2})
    found = trained(bert, settings, params, {"train": eight, "validation": eight}, tmp_path)
    assert found.best.exact_match == found.best.iou == 1
    assert found.epochs[-1].train_loss < 0.3 * found.epochs[0].train_loss


def test_two_runs_give_the_same_bytes(
    bert: Path, settings: Settings, training: TrainSpan, examples: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    runs = [trained(bert, settings, training, examples, tmp_path / name) for name in "ab"]
    for name, run in zip("ab", runs, strict=True):
        run.model.save(tmp_path / name / "span")
    one, other = (sorted((tmp_path / name / "span").iterdir()) for name in "ab")
    assert [path.name for path in one] == [path.name for path in other]
    assert [sha256(path) for path in one] == [sha256(path) for path in other]
    assert runs[0].epochs == runs[1].epochs


def test_a_killed_run_goes_on_to_the_same_bytes(
    bert: Path,
    settings: Settings,
    training: TrainSpan,
    examples: dict[str, pl.DataFrame],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    params = training.model_copy(update={"attention_dropout": 0.3})
    whole = trained(bert, settings, params, examples, tmp_path / "whole")
    validate = module.Run.finish_epoch

    def killed(run: module.Run, *arguments: object) -> None:
        if len(run.epochs) == 2:
            raise KeyboardInterrupt
        validate(run, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(module.Run, "finish_epoch", killed)
    with pytest.raises(KeyboardInterrupt):
        trained(bert, settings, params, examples, tmp_path / "cut")
    monkeypatch.undo()
    resumed = trained(bert, settings, params, examples, tmp_path / "cut")
    assert resumed.sequences == whole.sequences // 3
    assert resumed.epochs == whole.epochs
    state = whole.model.state_dict()
    assert all(torch.equal(weight, state[name]) for name, weight in resumed.model.state_dict().items())


def test_a_run_killed_at_any_batch_goes_on_to_the_same_bytes(
    bert: Path,
    settings: Settings,
    training: TrainSpan,
    examples: dict[str, pl.DataFrame],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # All that hangs on chance, and steps of two batches.
    chance = {"attention_dropout": 0.3, "token_masking": 0.2, "mirrored": 0.3, "gradient_accumulation": 2}
    params = training.model_copy(update={**chance, "batch_size": 4, "epochs": 2})
    seen = settings.model_copy(update={"alt_in_input": "dropped"})
    monkeypatch.setattr(module, "SAVED_EVERY", -1.0)
    loss, asked = module.Run.loss, []
    kill_at = 0

    def killed(run: module.Run, rows: list[int]) -> torch.Tensor | None:
        asked.append(rows)
        if len(asked) == kill_at:
            raise KeyboardInterrupt
        return loss(run, rows)

    monkeypatch.setattr(module.Run, "loss", killed)
    whole = trained(bert, seen, params, examples, tmp_path / "whole")
    order, state = list(asked), whole.model.state_dict()
    batches = len(order) // 2
    assert batches > 5
    for kill_at in (1, 2, 4, batches, batches + 1, batches + 4, 2 * batches):
        asked.clear()
        with pytest.raises(KeyboardInterrupt):
            trained(bert, seen, params, examples, tmp_path / f"cut {kill_at}")
        asked.clear()
        now, kill_at = kill_at, 0
        resumed = trained(bert, seen, params, examples, tmp_path / f"cut {now}")
        # What was asked in the step that was cut short is asked again, and nothing before it.
        epoch, batch = divmod(now - 1, batches)
        assert asked == order[epoch * batches + batch // 2 * 2 :], now
        assert resumed.epochs == whole.epochs
        assert all(torch.equal(weight, state[name]) for name, weight in resumed.model.state_dict().items()), now


def with_negatives(examples: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The examples, and as many without description: the sentence with the alt text is gone from their windows."""
    found = {}
    for name, frame in examples.items():
        before, after = (
            pl.concat_str(pl.lit("\n"), column).str.replace(r"\nLook : [^\n]*", "").str.slice(1)
            for column in ("text_before", "text_after")
        )
        blank = frame.with_columns(text_before=before, text_after=after, start=None, end=None, category=pl.lit("none"))
        found[name] = pl.concat([frame, blank.cast(dict(frame.schema))])
    return found


def test_none_is_learned(
    bert: Path,
    settings: Settings,
    training: TrainSpan,
    deciding: Describe,
    examples: dict[str, pl.DataFrame],
    tmp_path: Path,
) -> None:
    asked = with_negatives(examples)
    learns = {"answers_none": True, "learns_negatives": True, "epochs": 8, "batch_size": 4, "learning_rate": 5e-3}
    params = training.model_copy(update=learns)
    found = trained(bert, settings.model_copy(update={"answers_none": True}), params, asked, tmp_path)
    assert found.counts["train_without_description"] == found.counts["train"] // 2
    assert found.best.answer_iou > 0.9
    judged = judge(found.model, asked["validation"], deciding).metrics
    assert judged["n"] == examples["validation"].height
    assert judged["abstention"]["precision"] > 0.9
    assert judged["abstention"]["recall"] > 0.9
    assert found.model.settings.calibration is not None
    assert found.model.settings.calibration.nothing is not None
    found.model.save(tmp_path / "span")
    assert load_model(tmp_path / "span").settings == found.model.settings


@pytest.mark.parametrize("answers_none", [False, True])
def test_images_without_description_that_are_not_learned_from_have_a_part_in_the_calibration_alone(
    answers_none: bool,
    bert: Path,
    settings: Settings,
    training: TrainSpan,
    examples: dict[str, pl.DataFrame],
    tmp_path: Path,
) -> None:
    params = training.model_copy(update={"answers_none": answers_none, "learns_negatives": not answers_none})
    asked = with_negatives(examples)
    one, other = (
        trained(bert, settings, params, given, tmp_path / str(number)) for number, given in enumerate((examples, asked))
    )
    assert one.epochs == other.epochs
    weights = other.model.state_dict()
    assert all(torch.equal(weight, weights[name]) for name, weight in one.model.state_dict().items())
    assert (one.counts["train_without_description"], other.counts["train_without_description"]) == (0, 0)
    assert other.counts["validation_without_description"] == examples["validation"].height
    with_none, sure = other.model.settings.calibration, one.model.settings.calibration
    assert sure is not None and with_none is not None
    assert (with_none.nothing is None) == (not answers_none)
    assert float(with_none.right(0.5)) < float(sure.right(0.5)) - 0.1


def windows_of_an_epoch(run: module.Run, monkeypatch: pytest.MonkeyPatch) -> list[Window]:
    """What the model is shown of each example, in order; every loss is a number."""
    seen: list[Window] = []
    collated = module.collate
    monkeypatch.setattr(module, "collate", lambda windows, *rest: (seen.extend(windows), collated(windows, *rest))[1])
    torch.manual_seed(1)
    for row in range(len(run.data.windows)):
        loss = run.loss([row])
        assert loss is not None and torch.isfinite(loss)
    return seen


def test_dropped_alt_texts_are_seen_half_of_the_time(
    bert: Path,
    settings: Settings,
    training: TrainSpan,
    examples: dict[str, pl.DataFrame],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = new_model(bert, settings.model_copy(update={"alt_in_input": "dropped"}), 0.0)
    data = data_of(model, examples["train"])
    assert data.without_hints is not None
    assert all(len(whole) > len(without) for whole, without in zip(data.windows, data.without_hints, strict=True))
    run = module.Run(model, data, training, ENGINE)
    lengths = {len(window) for window in data.windows} | {len(window) for window in data.without_hints}
    seen = [len(window) for window in windows_of_an_epoch(run, monkeypatch)]
    with_alt = sum(length == len(window) for length, window in zip(seen, data.windows, strict=True))
    assert 0.3 < with_alt / len(seen) < 0.7
    assert set(seen) <= lengths


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_mirrored_text_keeps_the_span_and_what_is_near_near(side: str) -> None:
    text = Texts("far\na red barn\nnear, ", "close\n\nthe sea\nend", "alt", "name")
    whole = text.before + text.after
    wanted = {"before": "red barn", "after": "the sea"}[side]
    start = whole.index(wanted)
    swapped, span = mirror(text, (start, start + len(wanted)))
    assert swapped == Texts("end\nthe sea\n\nclose", "near, \na red barn\nfar", "alt", "name")
    assert span is not None
    assert (swapped.before + swapped.after)[slice(*span)] == wanted
    assert mirror(swapped, span) == (text, (start, start + len(wanted)))
    assert mirror(text, None) == (swapped, None)


def test_what_a_span_over_several_blocks_describes_is_not_mirrored() -> None:
    text = Texts("one\ntwo", "three", "")
    assert mirror(text, (1, 5)) == (text, (1, 5))


def test_a_share_of_the_examples_is_mirrored(
    bert: Path,
    settings: Settings,
    training: TrainSpan,
    examples: dict[str, pl.DataFrame],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = new_model(bert, settings, 0.0)
    data = data_of(model, examples["train"], with_mirrored=True)
    assert data.mirrored is not None
    for row, span in enumerate(data.spans):
        mirrored = data.mirrored.spans[row]
        assert (span is None) == (mirrored is None)
        if span is not None and mirrored is not None:
            assert data.mirrored.texts[row][slice(*mirrored)] == data.texts[row][slice(*span)]
    run = module.Run(model, data, training.model_copy(update={"mirrored": 0.5}), ENGINE)
    seen = windows_of_an_epoch(run, monkeypatch)
    mirrored_windows = data.mirrored.windows
    pairs = list(zip(seen, data.windows, mirrored_windows, strict=True))
    assert all(one is plain or one is other for one, plain, other in pairs)
    assert 0.3 < sum(one is other for one, _, other in pairs) / len(pairs) < 0.7


def test_the_epoch_with_the_best_iou_is_kept(
    bert: Path, settings: Settings, training: TrainSpan, examples: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    # So high a rate that later epochs are worse or the same.
    found = trained(bert, settings, training.model_copy(update={"learning_rate": 0.3}), examples, tmp_path)
    assert found.best.answer_iou == max(epoch.answer_iou for epoch in found.epochs)
    judged = data_of(found.model, examples["validation"])
    spans = predict(found.model, judged.windows, 8)
    pairs = zip(judged.texts, zip(spans.start, spans.end, strict=True), judged.spans, strict=True)
    ious = [word_iou(text, span, true) for text, span, true in pairs]
    assert sum(ious) / len(ious) == pytest.approx(found.best.iou)


def test_tables_and_metrics(
    bert: Path, settings: Settings, training: TrainSpan, examples: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    found = trained(bert, settings, training, examples, tmp_path)
    rows, bins = history_rows(found), distribution_rows(found)
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert all(tuple(row) == HISTORY for row in rows)
    assert all(tuple(row) == DISTRIBUTION for row in bins)
    assert len(bins) == 3 * 20
    assert sum(row["share"] for row in bins) == pytest.approx(3)
    metrics = training_metrics(found)
    assert metrics["models"] == {"encoder": {"name": "tiny"}}
    assert metrics["examples"]["train"] == examples["train"].height
    assert metrics["best"] == rows[found.best.epoch - 1]
    assert list((tmp_path / "logs").glob("events.*"))


def test_spans_outside_the_window_are_left_out_and_counted(
    bert: Path, settings: Settings, training: TrainSpan, examples: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    train_frame = examples["train"]
    far = train_frame.head(3).with_columns(
        text_after=pl.col("text_after") + " dog" * 200 + " a red cat",
        start=(pl.col("text_before").str.len_chars() + pl.col("text_after").str.len_chars() + 801).cast(pl.Int32),
    )
    far = far.with_columns(end=pl.col("start") + 9)
    params = training.model_copy(update={"epochs": 1})
    found = trained(bert, settings, params, {**examples, "train": pl.concat([train_frame, far])}, tmp_path)
    assert found.counts["train_outside_window"] == 3
    assert found.counts["train"] == train_frame.height
    only_far = {"train": far, "validation": examples["validation"]}
    with pytest.raises(WebpairsError, match=r"No description of 3 examples.*raise train_span\.max_tokens"):
        trained(bert, settings, params, only_far, tmp_path / "far")


def test_max_examples_draws_by_seed(examples: dict[str, pl.DataFrame]) -> None:
    frame = examples["train"]
    drawn = sample(frame, 10, seed=1)
    assert drawn.height == 10 and drawn.equals(sample(frame, 10, seed=1))
    assert not drawn.equals(sample(frame, 10, seed=2))
    assert sample(frame, frame.height, seed=1) is frame


def test_masking_hides_text_only_and_changes_the_run(
    bert: Path, settings: Settings, training: TrainSpan, examples: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    params = training.model_copy(update={"token_masking": 0.5, "epochs": 1})
    model = new_model(bert, settings, 0.0)
    batch = collate(data_of(model, examples["train"]).windows, 0, torch.device("cpu"), answers_none=False)
    torch.manual_seed(1)
    hidden = module.Run(model, data_of(model, examples["train"]), params, ENGINE)._masked(batch)
    changed = hidden != batch.ids
    assert (hidden[changed] == model.tokenizer.mask_token_id).all() and not changed[~batch.allowed].any()
    assert changed.sum() / batch.allowed.sum() == pytest.approx(0.5, abs=0.05)
    plain = trained(bert, settings, training.model_copy(update={"epochs": 1}), examples, tmp_path / "plain")
    masked = trained(bert, settings, params, examples, tmp_path / "masked")
    assert masked.epochs[0].train_loss != plain.epochs[0].train_loss


def gradients(run: module.Run, batches: list[list[int]]) -> torch.Tensor:
    run.model.zero_grad(set_to_none=True)
    run._gradients(1, 0, batches)
    if run._engine.num_processes > 1:
        run._sum_gradients()
    return torch.cat([one.grad.flatten() for one in run.model.parameters() if one.grad is not None])


def test_batches_of_a_step_add_up_to_one(
    bert: Path, settings: Settings, training: TrainSpan, examples: dict[str, pl.DataFrame]
) -> None:
    torch.manual_seed(1)
    model = new_model(bert, settings, 0.0).train()
    run = module.Run(model, data_of(model, examples["train"]), training, ENGINE)
    whole = gradients(run, [[0, 1, 2, 3, 4]])
    torch.testing.assert_close(gradients(run, [[0, 1], [2, 3], [4]]), whole, rtol=1e-4, atol=1e-6)
    assert not torch.allclose(gradients(run, [[0, 1]]), whole, rtol=1e-2)


def test_accumulation_takes_fewer_steps(
    bert: Path, settings: Settings, training: TrainSpan, examples: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    model = new_model(bert, settings, 0.0)
    data = data_of(model, examples["train"])
    params = training.model_copy(update={"batch_size": 2, "gradient_accumulation": 3})
    steps = 3 * math.ceil(math.ceil(len(data.windows) / 2) / 3)
    assert module.Run(model, data, params, ENGINE).steps == steps
    found = trained(bert, settings, params, examples, tmp_path)
    assert torch.load(tmp_path / "run.pt", weights_only=True)["step"] == steps
    assert len(found.epochs) == 3


def test_two_processes_compute_what_one_does(
    bert: Path, settings: Settings, training: TrainSpan, examples: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    params = training.model_copy(update={"batch_size": 3})
    for name in ("train", "validation"):
        examples[name].write_parquet(tmp_path / f"{name}.parquet")
    job = {
        "encoder": str(bert),
        "settings": settings.model_dump(mode="json"),
        "params": params.model_dump(mode="json"),
        "folder": str(tmp_path),
    }
    (tmp_path / "job.json").write_text(json.dumps(job))
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    command = [*launch, "-m", "tests.span.one_of_two", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "written_by").read_text() == "0 of 2"
    alone, together = trained(bert, settings, params, examples, tmp_path / "alone"), load_model(tmp_path / "span")
    losses = json.loads((tmp_path / "losses").read_text())
    assert losses == pytest.approx([epoch.train_loss for epoch in alone.epochs], rel=1e-3)
    spans = [predict(model, data_of(model, examples["validation"]).windows, 8) for model in (alone.model, together)]
    assert spans[0].start.tolist() == spans[1].start.tolist() and spans[0].end.tolist() == spans[1].end.tolist()


@pytest.mark.parametrize("kind", ["bert", "distilbert", "roberta"])
def test_frozen_layers_stay_as_they_are(
    kind: str,
    request: pytest.FixtureRequest,
    settings: Settings,
    training: TrainSpan,
    examples: dict[str, pl.DataFrame],
    tmp_path: Path,
) -> None:
    params = training.model_copy(update={"frozen_layers": 1, "epochs": 1, "max_tokens": 64})
    folder: Path = request.getfixturevalue(kind)
    torch.manual_seed(params.seed)
    fresh = new_model(folder, settings.model_copy(update={"max_tokens": 64}), 0.0).state_dict()
    short = {name: frame.with_columns(text_after=pl.lit("")) for name, frame in examples.items()}
    short = {
        name: frame.filter(pl.col("end") <= pl.col("text_before").str.len_chars()) for name, frame in short.items()
    }
    found = trained(folder, settings, params, short, tmp_path).model.state_dict()
    changed = {name for name in fresh if not torch.equal(fresh[name], found[name])}
    assert not any("embeddings" in name or "layer.0" in name for name in changed)
    assert any("layer.1" in name for name in changed) and "start.weight" in changed


def test_the_learning_rate_rises_and_falls() -> None:
    rates = [schedule(step, 100, 0.1) for step in range(100)]
    assert rates.index(max(rates)) == 10 and max(rates) == 1
    assert rates[:11] == sorted(rates[:11]) and rates[10:] == sorted(rates[10:], reverse=True)
    assert min(rates) > 0
    assert all(math.isfinite(schedule(0, 1, share)) for share in (0.0, 0.5, 1.0))
