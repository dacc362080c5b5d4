"""Making, saving and loading the model."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from webpairs.errors import WebpairsError
from webpairs.span.model import IMAGE_TOKEN, Settings, SpanModel, best_precision, load_model, new_model
from webpairs.span.prediction import predict_texts
from webpairs.span.windows import BEGINS, ENDS, Texts

TEXTS = [Texts("a red cat . " * n, "look : the white dog " * 2, "a cat") for n in range(6)]


@pytest.mark.parametrize("kind", ["bert", "distilbert", "roberta"])
def test_what_was_saved_predicts_the_same(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, settings: Settings
) -> None:
    folder: Path = request.getfixturevalue(kind)
    torch.manual_seed(1)
    model = new_model(folder, settings, attention_dropout=0.0)
    assert model.encoder.get_input_embeddings().num_embeddings == len(model.tokenizer)
    model.save(tmp_path / "span")
    again = load_model(tmp_path / "span")
    own, other = predict_texts(model, TEXTS, 3), predict_texts(again, TEXTS, 3)
    assert own.start.tolist() == other.start.tolist()
    assert own.span_confidence.tolist() == other.span_confidence.tolist()
    for file in (tmp_path / "span").glob("*.json"):
        assert str(folder) not in file.read_text()
    assert json.loads((tmp_path / "span" / "span.json").read_text())["encoder"] == {"name": "tiny"}


@pytest.mark.parametrize(("kind", "room"), [("bert", 128), ("distilbert", 96), ("roberta", 64)])
def test_no_more_tokens_than_the_encoder_has_positions_for(
    kind: str, room: int, request: pytest.FixtureRequest, settings: Settings
) -> None:
    model = new_model(request.getfixturevalue(kind), settings.model_copy(update={"max_tokens": 4000}), 0.0)
    assert model.settings.max_tokens == room
    long = Texts("the red cat " * 500, "the white dog " * 500, "")
    assert len(next(iter(model.fitter().fit([long])))) == room
    assert predict_texts(model, [long], 1).start[0] >= 0


def dropouts(model: SpanModel) -> set[float]:
    config = model.encoder.config
    return {
        getattr(config, name) for name in ("attention_probs_dropout_prob", "attention_dropout") if hasattr(config, name)
    }


def test_attention_dropout_is_set_under_either_name(bert: Path, distilbert: Path, settings: Settings) -> None:
    assert dropouts(new_model(bert, settings, 0.3)) == dropouts(new_model(distilbert, settings, 0.3)) == {0.3}


def test_the_same_seed_makes_the_same_model(bert: Path, settings: Settings) -> None:
    torch.manual_seed(4)
    one = new_model(bert, settings, 0.0).state_dict()
    torch.manual_seed(4)
    other = new_model(bert, settings, 0.0).state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_vocabulary_of_five_tokens_is_refused(bert: Path, tmp_path: Path, settings: Settings) -> None:
    shutil.copytree(bert, tmp_path / "broken")
    tokenizer = json.loads((tmp_path / "broken" / "tokenizer.json").read_text())
    tokenizer["model"]["vocab"] = dict(list(tokenizer["model"]["vocab"].items())[:5])
    (tmp_path / "broken" / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(WebpairsError, match=r"doesn't fit its encoder: it has 6 tokens.*foundation\.encoder"):
        new_model(tmp_path / "broken", settings, 0.0)


def test_folders_without_a_model_are_refused(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(WebpairsError, match="no tokenizer that transformers can load"):
        new_model(tmp_path, settings, 0.0)
    with pytest.raises(WebpairsError, match="holds no span model: run `make all`"):
        load_model(tmp_path)


def test_weights_that_are_cut_or_of_another_model_are_refused(
    bert: Path, distilbert: Path, tmp_path: Path, settings: Settings
) -> None:
    weights = tmp_path / "mixed" / "model.safetensors"
    shutil.copytree(bert, weights.parent)
    kept = {name: weight for name, weight in load_file(weights).items() if ".layer.1." not in name}
    save_file(kept, weights, metadata={"format": "pt"})
    with pytest.raises(WebpairsError, match=r"the weights lack 16 parameters, such as encoder\.layer\.1"):
        new_model(weights.parent, settings, 0.0)
    shutil.copy(distilbert / "model.safetensors", weights)
    with pytest.raises(WebpairsError, match="no encoder that transformers can load"):
        new_model(weights.parent, settings, 0.0)


def test_bfloat16_gives_float32_logits(bert: Path, settings: Settings) -> None:
    model = new_model(bert, settings.model_copy(update={"precision": "bfloat16"}), 0.0).eval()
    ids = torch.tensor([[2, 9, 10, 3]])
    start, end = model(ids, torch.ones_like(ids), torch.zeros_like(ids), torch.zeros_like(ids))
    assert start.dtype == end.dtype == torch.float32
    assert start.shape == (1, 4)
    assert model.tokenizer.convert_tokens_to_ids(IMAGE_TOKEN) == len(model.tokenizer) - 1


def test_matches_are_seen_where_they_are_wanted(bert: Path, settings: Settings) -> None:
    ids, matched = torch.tensor([[2, 9, 10, 3]]), torch.tensor([[0, 1, 0, 0]])
    for matches in ((), ("alt",)):
        model = new_model(bert, settings.model_copy(update={"matches": matches}), 0.0).eval()
        fresh = [
            model(ids, torch.ones_like(ids), one, torch.zeros_like(ids))[0] for one in (matched, torch.zeros_like(ids))
        ]
        # Nothing is known of what they mean yet.
        assert torch.equal(*fresh)
        with torch.no_grad():
            model.matched.weight[1] = 1.0
        seen = [
            model(ids, torch.ones_like(ids), one, torch.zeros_like(ids))[0] for one in (matched, torch.zeros_like(ids))
        ]
        assert torch.equal(*seen) == (not matches)


def test_edges_of_kinds_that_are_wanted_are_liked_by_their_weights(bert: Path, settings: Settings) -> None:
    ids = torch.tensor([[2, 9, 10, 3]])
    edges = torch.tensor([[0, BEGINS["word"] | BEGINS["block"] | ENDS["word"], ENDS["block"], 0]])
    for wanted in ((), ("word",), ("word", "block")):
        model = new_model(bert, settings.model_copy(update={"edges": wanted}), 0.0).eval()
        plain = model(ids, torch.ones_like(ids), torch.zeros_like(ids), torch.zeros_like(ids))
        at_edges = model(ids, torch.ones_like(ids), torch.zeros_like(ids), edges)
        assert all(torch.equal(*pair) for pair in zip(plain, at_edges, strict=True)), "nothing is known of them yet"
        with torch.no_grad():
            model.begins[:] = torch.tensor([0.1, 0.2, 0.4])
            model.ends[:] = torch.tensor([0.3, 0.6, 0.9])
        seen = model(ids, torch.ones_like(ids), torch.zeros_like(ids), edges)
        start, end = ((own - other)[0].tolist() for own, other in zip(seen, plain, strict=True))
        is_word, is_block = "word" in wanted, "block" in wanted
        assert start == pytest.approx([0, 1.0 * is_word + 4.0 * is_block, 0, 0], abs=1e-5)
        assert end == pytest.approx([0, 3.0 * is_word, 9.0 * is_block, 0], abs=1e-5)


def test_precision_is_what_the_machine_is_good_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True, "avx512_bf16": False})
    assert best_precision("auto") == "float32"
    assert best_precision("bfloat16") == "bfloat16"
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    assert best_precision("auto") == "bfloat16"
    assert best_precision("float32") == "float32"
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True})
    assert best_precision("auto") == "bfloat16"
    # A GPU computes, where there is one.
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    for supported, wanted in ((True, "bfloat16"), (False, "float32")):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda own=supported, **_: own)
        assert best_precision("auto") == wanted
