"""Fine-tuning: what it changes, and that chance hangs on (seed, step) alone."""

import hashlib

import pytest
import torch
from accelerate import Accelerator

from tests.diffusion.tiny import FINETUNE, drawing, tiny_sdxl, write_pairs
from webpairs.diffusion import training
from webpairs.diffusion.components import load_unet, training_schedule
from webpairs.diffusion.encoding import load
from webpairs.diffusion.finetuning import finetune
from webpairs.diffusion.record import save
from webpairs.errors import WebpairsError
from webpairs.foundation import source


def digests(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def settings(**changes):
    return FINETUNE.model_copy(update=changes)


def run(pairs, sdxl, folder, chosen=FINETUNE):
    result = finetune(pairs, sdxl, chosen, folder / "scratch")
    save(result.unet, source(sdxl), {"pairs": result.pairs}, folder / "finetuned")
    return result


def test_two_runs_give_the_same_bytes_and_leave_the_base_alone(sdxl, pairs, tmp_path):
    before = digests(sdxl)
    results = [run(pairs, sdxl, tmp_path / name) for name in ("one", "two")]
    assert digests(tmp_path / "one" / "finetuned") == digests(tmp_path / "two" / "finetuned")
    assert results[0].losses == results[1].losses
    assert digests(sdxl) == before
    assert set(digests(tmp_path / "one" / "finetuned")) == {
        "source.json",
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
    }
    assert str(tmp_path) not in (tmp_path / "one/finetuned/unet/config.json").read_text()
    trained, base = load_unet(tmp_path / "one" / "finetuned"), load_unet(sdxl)
    changed = [not torch.equal(one, two) for one, two in zip(trained.parameters(), base.parameters(), strict=True)]
    assert all(changed)
    assert results[0].metrics(FINETUNE)["epochs"] == pytest.approx(4 * 2 / 5)


@pytest.mark.parametrize("prediction_type", ["epsilon", "v_prediction"])
def test_a_single_pair_is_learnt(tmp_path, prediction_type):
    model = tiny_sdxl(tmp_path / "sdxl", prediction_type)
    pairs = write_pairs(tmp_path / "pairs", [(drawing((32, 32), "red"), "a red disc")])
    chosen = settings(max_steps=None, epochs=160, batch_size=4, learning_rate=3e-3, caption_dropout=0.0)
    trained = run(pairs, model, tmp_path, chosen).unet
    encoded, schedule = load(next((tmp_path / "scratch").glob("encoded-*"))), training_schedule(model)
    unseen = training.draw(1000, encoded, schedule, settings(batch_size=32, caption_dropout=0.0))
    with torch.no_grad():
        before, after = (
            float(training._loss(unet, schedule, encoded, unseen, Accelerator()))
            for unet in (load_unet(model), trained)
        )
    assert after < 0.7 * before


def test_the_rate_falls_by_a_cosine_or_stays():
    shares = [training.share_of_rate(step, 10, "cosine") for step in range(10)]
    assert shares[0] == 1
    assert shares[5] == pytest.approx(0.5)
    assert shares == sorted(shares, reverse=True)
    assert 0 < shares[-1] < 0.05
    assert {training.share_of_rate(step, 10, "constant") for step in range(10)} == {1.0}


def test_the_schedule_changes_what_is_learnt(sdxl, pairs, tmp_path):
    falling, constant = (
        run(pairs, sdxl, tmp_path / name, settings(schedule=name)).losses for name in ("cosine", "constant")
    )
    assert falling[0] == constant[0]
    assert falling[1:] != constant[1:]


def test_a_killed_training_ends_with_the_same_weights(sdxl, pairs, tmp_path, monkeypatch):
    whole = run(pairs, sdxl, tmp_path / "whole")
    monkeypatch.setattr(training, "_CHECKPOINT_SECONDS", -1.0)
    real = training.draw

    def killed(step, *others):
        if step == 3:
            raise KeyboardInterrupt
        return real(step, *others)

    monkeypatch.setattr(training, "draw", killed)
    with pytest.raises(KeyboardInterrupt):
        run(pairs, sdxl, tmp_path / "killed")
    drawn = []
    monkeypatch.setattr(training, "draw", lambda step, *others: drawn.append(step) or real(step, *others))
    resumed = run(pairs, sdxl, tmp_path / "killed")
    assert drawn == [3]
    assert resumed.losses == whole.losses
    assert digests(tmp_path / "killed/finetuned") == digests(tmp_path / "whole/finetuned")
    assert not list((tmp_path / "killed/scratch").glob("checkpoint-*"))


def test_gradient_checkpointing_changes_memory_and_not_the_result(sdxl, pairs, tmp_path):
    plain = run(pairs, sdxl, tmp_path / "plain").losses
    checkpointed = run(pairs, sdxl, tmp_path / "checkpointed", settings(gradient_checkpointing=True)).losses
    assert checkpointed == pytest.approx(plain, rel=1e-4)


@pytest.fixture
def encoded(sdxl, pairs, tmp_path):
    finetune(pairs, sdxl, settings(max_steps=1), tmp_path / "scratch")
    return load(next((tmp_path / "scratch").glob("encoded-*")))


def test_every_epoch_shows_every_pair_once_in_a_new_order(sdxl, encoded):
    schedule, chosen = training_schedule(sdxl), settings(batch_size=2)
    rows = torch.cat([training.draw(step, encoded, schedule, chosen).rows for step in range(10)]).tolist()
    epochs = [rows[start : start + 5] for start in range(0, 20, 5)]
    assert all(sorted(epoch) == [0, 1, 2, 3, 4] for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1


def test_dropped_captions_become_the_row_without_one(sdxl, encoded):
    schedule = training_schedule(sdxl)
    all_dropped = training.draw(0, encoded, schedule, settings(caption_dropout=1.0))
    none_dropped = training.draw(0, encoded, schedule, settings(caption_dropout=0.0))
    assert all_dropped.texts.tolist() == [0, 0]
    assert torch.equal(none_dropped.texts, none_dropped.rows + 1)
    assert torch.equal(all_dropped.noise, none_dropped.noise)


def test_processes_share_a_batch_and_its_noise(sdxl, encoded):
    """The loss of a batch is the mean of its halves, as two processes would compute them."""

    class Half(Accelerator):
        num_processes, process_index = 2, 0

    schedule, unet = training_schedule(sdxl), load_unet(sdxl)
    drawn = training.draw(0, encoded, schedule, settings(batch_size=4))
    with torch.no_grad():
        whole = float(training._loss(unet, schedule, encoded, drawn, Accelerator()))
        halves = []
        for place in (0, 1):
            Half.process_index = place
            halves.append(float(training._loss(unet, schedule, encoded, drawn, Half())))
    assert sum(halves) / 2 == pytest.approx(whole, rel=1e-5)
    assert halves[0] != halves[1]


def test_steps_follow_from_epochs_pairs_and_batches():
    assert training.step_count(5000, settings(max_steps=None, epochs=50, batch_size=2)) == 125000
    assert training.step_count(5000, settings(max_steps=100, epochs=50, batch_size=2)) == 100
    assert training.step_count(1, settings(max_steps=None, epochs=1, batch_size=16)) == 1


def test_the_curve_has_at_most_a_hundred_rows():
    losses = [float(step) for step in range(1, 1235)]
    rows = training.windows(losses)
    assert len(rows) <= 100
    assert rows[0] == {"step": 13, "loss": 7.0}
    assert rows[-1]["step"] == 1234
    assert training.windows([3.0]) == [{"step": 1, "loss": 3.0}]


@pytest.mark.skipif(torch.cuda.is_available(), reason="float16 trains on a GPU")
def test_float16_without_a_gpu_is_refused_before_work(sdxl, pairs, tmp_path):
    with pytest.raises(WebpairsError, match=r"finetune\.precision"):
        run(pairs, sdxl, tmp_path, settings(precision="float16"))


def test_missing_pairs_and_missing_models_are_errors(sdxl, pairs, tmp_path):
    with pytest.raises(WebpairsError, match="dvc repro select"):
        finetune(tmp_path, sdxl, FINETUNE, tmp_path / "scratch")
    with pytest.raises(WebpairsError, match="dvc repro foundation"):
        finetune(pairs, tmp_path / "nowhere", FINETUNE, tmp_path / "scratch")


def test_what_other_pairs_left_in_the_scratch_folder_goes(sdxl, pairs, tmp_path):
    run(pairs, sdxl, tmp_path, settings(max_steps=1))
    first = list((tmp_path / "scratch").glob("encoded-*"))
    run(pairs, sdxl, tmp_path, settings(max_steps=1, seed=2))
    second = list((tmp_path / "scratch").glob("encoded-*"))
    assert len(first) == len(second) == 1
    assert first != second
