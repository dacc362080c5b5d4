"""What the UNet is trained on: latents, sizes and texts, as the pipeline itself would have them."""

import numpy as np
import pytest
import torch

from tests.diffusion.tiny import FINETUNE, drawing, tiny_sdxl, write_pairs
from webpairs.diffusion.components import decode_latents, encode_images, load_pipeline, training_schedule
from webpairs.diffusion.encoding import encode, encode_texts, load, no_caption
from webpairs.diffusion.pairs import Pair, read_pairs, train_tars
from webpairs.errors import WebpairsError


@pytest.fixture(scope="module")
def pipeline(sdxl):
    return load_pipeline(sdxl, "float32", unet=None)


def encoded(sdxl, pairs, folder, settings=FINETUNE):
    encode(iter(pairs), len(pairs), sdxl, settings, folder)
    return load(folder)


def test_rows_stand_in_the_order_of_the_pairs(sdxl, pairs, tmp_path, pipeline):
    given = list(read_pairs(train_tars(pairs)))
    rows = encoded(sdxl, given, tmp_path / "encoded")
    assert (len(rows), rows.undecodable, rows.truncated) == (5, 0, 0)
    assert rows.latents.shape == (5, 4, 8, 8)
    # The fourth image is 64 × 48: its short side fills 32 px, and 5 of the 11 px too many are cut off on the left.
    assert rows.size_ids[3].tolist() == [48, 64, 0, 5, 32, 32]
    texts, pooled, _ = encode_texts(pipeline, [given[3].text])
    assert np.allclose(rows.texts[4], texts[0], atol=1e-5)
    assert np.allclose(rows.pooled[4], pooled[0], atol=1e-5)


def test_texts_are_encoded_as_the_pipeline_does_it(pipeline):
    texts = ["a red disc", "a much longer text about a blue disc on white"]
    ours = encode_texts(pipeline, texts)
    theirs = pipeline.encode_prompt(texts, do_classifier_free_guidance=False)
    assert torch.equal(ours[0], theirs[0])
    assert torch.equal(ours[1], theirs[2])


@pytest.mark.parametrize("zeros", [True, False])
def test_no_caption_is_what_the_pipeline_guides_away_from(pipeline, zeros):
    pipeline.register_to_config(force_zeros_for_empty_prompt=zeros)
    theirs = pipeline.encode_prompt(["a"], do_classifier_free_guidance=True)
    assert torch.equal(no_caption(pipeline)[0], theirs[1])
    assert torch.equal(no_caption(pipeline)[1], theirs[3])
    pipeline.register_to_config(force_zeros_for_empty_prompt=True)


def test_texts_too_long_for_the_encoders_are_counted(pipeline):
    assert encode_texts(pipeline, ["a" * 76, "a" * 75, "short"])[2] == 1


def test_latents_decode_to_what_they_were_made_of_in_the_vaes_own_scale(pipeline):
    pixels = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(1)) * 2 - 1
    with torch.inference_mode():
        plain = pipeline.vae.encode(pixels).latent_dist.mode()
    assert torch.allclose(encode_images(pipeline.vae, pixels), plain * pipeline.vae.config.scaling_factor)
    with torch.inference_mode():
        shown = pipeline.image_processor.postprocess(pipeline.vae.decode(plain, return_dict=False)[0], output_type="np")
    ours = np.stack(
        [np.asarray(image) / 255 for image in decode_latents(pipeline, encode_images(pipeline.vae, pixels))]
    )
    assert np.allclose(ours, shown, atol=1 / 254)


def test_a_vae_with_statistics_of_its_own_is_followed(pipeline):
    pixels = torch.zeros(1, 3, 32, 32)
    plain = encode_images(pipeline.vae, pixels)
    before = decode_latents(pipeline, plain)[0]
    pipeline.vae.register_to_config(latents_mean=[1.0, 0.0, 0.0, 0.0], latents_std=[2.0, 1.0, 1.0, 1.0])
    shifted = encode_images(pipeline.vae, pixels)
    after = decode_latents(pipeline, shifted)[0]
    pipeline.vae.register_to_config(latents_mean=None, latents_std=None)
    scale = pipeline.vae.config.scaling_factor
    assert torch.allclose(shifted[:, 0], (plain[:, 0] - scale) / 2, atol=1e-6)
    assert np.abs(np.asarray(before, dtype=int) - np.asarray(after, dtype=int)).max() <= 1


def test_an_image_that_cannot_be_decoded_costs_that_pair_alone(sdxl, tmp_path):
    given = [Pair("0", drawing((40, 40), "red"), "red"), Pair("1", b"\x89PNG broken", "lost")]
    rows = encoded(sdxl, given, tmp_path / "encoded")
    assert (len(rows), len(rows.texts), rows.undecodable) == (1, 2, 1)
    with pytest.raises(WebpairsError, match="can be decoded"):
        encoded(sdxl, given[1:], tmp_path / "nothing")


def test_the_schedule_is_the_models_own(sdxl, tmp_path):
    schedule = training_schedule(sdxl)
    assert (schedule.config.beta_schedule, schedule.config.beta_end) == ("scaled_linear", 0.012)
    assert training_schedule(tiny_sdxl(tmp_path / "v", "v_prediction")).config.prediction_type == "v_prediction"
    with pytest.raises(WebpairsError, match="predicts 'sample'"):
        training_schedule(tiny_sdxl(tmp_path / "sample", "sample"))


def test_a_folder_without_a_model_is_an_error_with_a_next_step(tmp_path):
    with pytest.raises(WebpairsError, match="dvc repro foundation"):
        load_pipeline(tmp_path / "missing", "float32", unet=None)
    broken = tiny_sdxl(tmp_path / "broken")
    (broken / "vae" / "config.json").unlink()
    with pytest.raises(WebpairsError, match="can't be loaded as an SDXL"):
        load_pipeline(broken, "float32", unet=None)


def test_pairs_written_and_read_again_encode_the_same(sdxl, tmp_path):
    folder = write_pairs(tmp_path / "pairs", [(drawing((40, 40), "red"), "red")])
    first = encoded(sdxl, list(read_pairs(train_tars(folder))), tmp_path / "one")
    second = encoded(sdxl, list(read_pairs(train_tars(folder))), tmp_path / "two")
    assert first.latents.tobytes() == second.latents.tobytes()
    assert first.texts.tobytes() == second.texts.tobytes()
