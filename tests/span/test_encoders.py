"""Encoders of each kind that foundation.encoder may name, tiny and drawn at random, with tokenizers of their own."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import sentencepiece
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertModel,
    DebertaV2Config,
    DebertaV2Model,
    DistilBertConfig,
    DistilBertModel,
    LongformerConfig,
    LongformerModel,
    ModernBertConfig,
    ModernBertModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaModel,
)

from tests.span.conftest import ANIMALS, COLOURS, FILLER, PLACES, SILVER, bert_tokenizer, planted, vocabulary
from webpairs.foundation.obtain import obtain_encoder
from webpairs.params import TrainSpan
from webpairs.span.model import IMAGE_TOKEN, Settings, SpanModel, load_model, new_model
from webpairs.span.prediction import predict_texts
from webpairs.span.silver import label
from webpairs.span.training import train
from webpairs.span.windows import BEFORE, NEITHER, Texts

TEXTS = [*FILLER, *(f"Look : a {colour} {animal} on" for colour in COLOURS for animal in ANIMALS), *PLACES]
BERT_SIZE = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
BYTES_SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
NAMES = {"cls_token": "<s>", "pad_token": "<pad>", "sep_token": "</s>", "unk_token": "<unk>", "mask_token": "<mask>"}


def byte_level() -> Tokenizer:
    """Byte pairs as GPT-2 has them, learned from the planted texts: tokens begin with the space before the word."""
    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=420, initial_alphabet=alphabet, special_tokens=BYTES_SPECIAL, show_progress=False
    )
    raw.train_from_iterator(TEXTS, trainer)
    return raw


def bert(folder: Path) -> None:
    BertModel(BertConfig(vocab_size=len(vocabulary()), max_position_embeddings=112, **BERT_SIZE)).save_pretrained(
        folder
    )
    bert_tokenizer().save_pretrained(folder)


def distilbert(folder: Path) -> None:
    size = {"dim": 32, "hidden_dim": 64, "n_layers": 2, "n_heads": 2}
    config = DistilBertConfig(vocab_size=len(vocabulary()), max_position_embeddings=104, **size)
    DistilBertModel(config).save_pretrained(folder)
    bert_tokenizer().save_pretrained(folder)


def cased() -> list[str]:
    """The vocabulary, and its words with capitals, as in BERT's cased one."""
    capitals = [token.capitalize() for token in vocabulary() if token.isalpha()]
    return list(dict.fromkeys([*vocabulary(), *capitals, *(f"##{letter}" for letter in "ABCXYZ")]))


def spanbert(folder: Path) -> None:
    """As SpanBERT/spanbert-base-cased is: vocab.txt without anything else of a tokenizer, and pickled weights."""
    torch.manual_seed(1)
    model = BertModel(BertConfig(vocab_size=len(cased()), max_position_embeddings=120, **BERT_SIZE))
    model.config.save_pretrained(folder)
    old = {f"bert.{name}": weight for name, weight in model.state_dict().items()}
    old = {name.replace("LayerNorm.weight", "LayerNorm.gamma"): weight for name, weight in old.items()}
    torch.save(old, folder / "pytorch_model.bin")
    (folder / "vocab.txt").write_text("\n".join(cased()) + "\n", encoding="utf-8")


def roberta(folder: Path) -> None:
    """As roberta-base is: positions from 2 on, and vocab.json and merges.txt."""
    raw = byte_level()
    config = RobertaConfig(vocab_size=raw.get_vocab_size(), max_position_embeddings=98, pad_token_id=1, **BERT_SIZE)
    RobertaModel(config).save_pretrained(folder)
    raw.model.save(str(folder))


def longformer(folder: Path) -> None:
    raw = byte_level()
    config = LongformerConfig(
        vocab_size=raw.get_vocab_size(), max_position_embeddings=302, pad_token_id=1, attention_window=8, **BERT_SIZE
    )
    LongformerModel(config).save_pretrained(folder)
    raw.model.save(str(folder))


def modernbert(folder: Path) -> None:
    """As answerdotai/ModernBERT-base is: rotary positions, no token types, embeddings that no token has, and offsets
    with the space before a word; its tokenizer says nothing of a longest text.
    """
    raw = byte_level()
    single = [("<s>", 0), ("</s>", 2)]
    raw.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=single)
    PreTrainedTokenizerFast(tokenizer_object=raw, **NAMES).save_pretrained(folder)
    size = BERT_SIZE | {"num_hidden_layers": 3}
    ids = {"pad_token_id": 1, "bos_token_id": 0, "cls_token_id": 0, "eos_token_id": 2, "sep_token_id": 2}
    rows = raw.get_vocab_size() + 30
    config = ModernBertConfig(vocab_size=rows, max_position_embeddings=256, local_attention=16, **size, **ids)
    ModernBertModel(config).save_pretrained(folder)


def deberta(folder: Path) -> None:
    """As microsoft/deberta-v3-base is: relative positions, no token types, sentencepiece's model as tokenizer."""
    names = {"pad": "[PAD]", "bos": "[CLS]", "eos": "[SEP]", "unk": "[UNK]"}
    raw = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS * 20),
        model_writer=raw,
        vocab_size=150,
        hard_vocab_limit=False,
        minloglevel=2,
        **{f"{name}_id": number for number, name in enumerate(names)},
        **{f"{name}_piece": piece for name, piece in names.items()},
    )
    (folder / "spm.model").write_bytes(raw.getvalue())
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": false, "vocab_type": "spm"}')
    config = DebertaV2Config(
        vocab_size=100,
        max_position_embeddings=128,
        relative_attention=True,
        position_buckets=16,
        norm_rel_ebd="layer_norm",
        share_att_key=True,
        pos_att_type=["p2c", "c2p"],
        position_biased_input=False,
        type_vocab_size=0,
        **BERT_SIZE,
    )
    DebertaV2Model(config).save_pretrained(folder)


# Each with the most tokens that it takes.
KINDS: dict[Callable[[Path], None], int] = {
    bert: 112,
    distilbert: 104,
    spanbert: 120,
    roberta: 96,
    longformer: 300,
    modernbert: 256,
    deberta: 128,
}


@pytest.fixture(scope="module", params=KINDS, ids=[make.__name__ for make in KINDS])
def kind(request: pytest.FixtureRequest) -> Callable[[Path], None]:
    made: Callable[[Path], None] = request.param
    return made


@pytest.fixture(scope="module")
def encoder(kind: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the encoder as foundation writes it."""
    folder = tmp_path_factory.mktemp("encoder")
    (folder / "made").mkdir()
    torch.manual_seed(0)
    kind(folder / "made")
    obtain_encoder(str(folder / "made"), None, folder / "obtained")
    return folder / "obtained"


@pytest.fixture(scope="module")
def examples() -> dict[str, pl.DataFrame]:
    return {name: frame.head(8) for name, frame in label([planted(domains=6, each=6)], SILVER).splits.items()}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With all that may be in a window."""
    return settings.model_copy(
        update={"alt_in_input": "dropped", "matches": ("alt", "file_name"), "edges": ("word", "block")}
    )


def drawn(encoder: Path, settings: Settings) -> SpanModel:
    torch.manual_seed(3)
    return new_model(encoder, settings, attention_dropout=0.1)


def test_it_is_trained_and_predicts_the_same_when_loaded_again(
    encoder: Path, settings: Settings, training: TrainSpan, examples: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    model = drawn(encoder, settings)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    params = training.model_copy(update={"epochs": 1, "batch_size": 4})
    found = train(model, examples["train"], examples["validation"], params, tmp_path / "run.pt", tmp_path / "logs")
    assert np.isfinite(found.best.train_loss) and np.isfinite(found.best.validation_loss)
    changed = {name for name, weight in found.model.state_dict().items() if not torch.equal(weight, before[name])}
    assert {name.split(".")[0] for name in changed} == {"encoder", "matched", "start", "end", "begins", "ends"}
    assert any("word" in name or "tok" in name for name in changed), "the embeddings learn too"

    found.model.save(tmp_path / "span")
    again = load_model(tmp_path / "span")
    texts = [Texts("the red cat . " * n, "Look : a white dog " * 2, "a cat") for n in range(6)]
    own, other = predict_texts(found.model, texts, 3), predict_texts(again, texts, 3)
    assert own.start.tolist() == other.start.tolist() and own.end.tolist() == other.end.tolist()
    assert own.span_confidence.tolist() == other.span_confidence.tolist()
    assert {weight.dtype for weight in again.state_dict().values()} == {torch.float32}


def test_no_more_tokens_than_it_takes(kind: Callable[[Path], None], encoder: Path, settings: Settings) -> None:
    model = drawn(encoder, settings.model_copy(update={"max_tokens": 4000}))
    assert model.settings.max_tokens == KINDS[kind]
    long = Texts("the red cat " * 500, "the white dog " * 500, "")
    assert len(next(iter(model.fitter().fit([long])))) == KINDS[kind]
    assert predict_texts(model, [long], 1).start[0] >= 0


def test_padding_changes_nothing(encoder: Path, settings: Settings) -> None:
    model = drawn(encoder, settings).eval()
    texts = [Texts("Look : a red cat", "in the snow", ""), Texts("the shop opens . " * 4, "a dog " * 8, "")]
    alone = [predict_texts(model, [text], 1) for text in texts]
    both = predict_texts(model, texts, 2)
    assert both.start.tolist() == [one.start[0] for one in alone]
    assert both.span_confidence == pytest.approx([one.span_confidence[0] for one in alone], rel=1e-3)


def test_tokens_lead_back_to_their_characters(encoder: Path, settings: Settings) -> None:
    before, after = "Ein  RED cät 😀 sat\n", " On the Sofa;\tunder 一只猫 — «dog»!\n\n👩‍👩‍👧 Straße قطة"
    window = next(
        iter(drawn(encoder, settings.model_copy(update={"max_tokens": 96})).fitter().fit([Texts(before, after, "")]))
    )
    text = before + after
    for start, end, side in zip(window.start, window.end, window.side, strict=True):
        if side != NEITHER:
            assert text[start:end].strip() == text[start:end] != "", "no span begins or ends with white space"
            assert end <= len(before) if side == BEFORE else start >= len(before)
    for phrase in ("RED cät", "Sofa", "On the Sofa", "dog"):
        start = text.index(phrase)
        tokens = window.locate(start, start + len(phrase))
        assert tokens is not None
        assert window.characters(*tokens) == (start, start + len(phrase))


def test_the_image_token_in_a_page_is_ordinary_text(encoder: Path, settings: Settings) -> None:
    model = drawn(encoder, settings)
    window = next(iter(model.fitter().fit([Texts("a [IMG] cat .", "[IMG] the dog", "[IMG]")])))
    image = model.tokenizer.convert_tokens_to_ids(IMAGE_TOKEN)
    assert (window.ids == image).sum() == 1
    assert image not in (model.tokenizer.unk_token_id, None)


def test_a_bare_vocabulary_with_capitals_is_read_as_cased(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "made").mkdir()
    spanbert(tmp_path / "made")
    obtain_encoder(str(tmp_path / "made"), None, tmp_path / "cased")
    tokenizer = new_model(tmp_path / "cased", settings, 0.0).tokenizer
    assert tokenizer.tokenize("The Cat on the cat") == ["The", "Cat", "on", "the", "cat"]
    # What the repository says itself is kept.
    (tmp_path / "made" / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": True}))
    obtain_encoder(str(tmp_path / "made"), None, tmp_path / "lower")
    assert new_model(tmp_path / "lower", settings, 0.0).tokenizer.tokenize("The Cat") == ["the", "cat"]


def test_a_bare_vocabulary_without_capitals_is_read_in_lower_case(tmp_path: Path, settings: Settings) -> None:
    bert(tmp_path)
    for file in tmp_path.glob("tokenizer*"):
        file.unlink()
    (tmp_path / "vocab.txt").write_text("\n".join(vocabulary()) + "\n", encoding="utf-8")
    obtain_encoder(str(tmp_path), None, tmp_path / "obtained")
    assert new_model(tmp_path / "obtained", settings, 0.0).tokenizer.tokenize("The CAT") == ["the", "cat"]


def test_pickled_weights_are_read_whole(tmp_path: Path, settings: Settings) -> None:
    spanbert(tmp_path)
    obtain_encoder(str(tmp_path), None, tmp_path / "obtained")
    assert (tmp_path / "obtained" / "model.safetensors").is_file()
    kept: dict[str, Any] = torch.load(tmp_path / "pytorch_model.bin", weights_only=True)
    found = new_model(tmp_path / "obtained", settings, 0.0).encoder.state_dict()
    for name, weight in found.items():
        old = kept[f"bert.{name}".replace("LayerNorm.weight", "LayerNorm.gamma")]
        assert torch.equal(weight[: len(old)], old), name


def test_weights_in_half_precision_are_trained_in_float32(tmp_path: Path, settings: Settings) -> None:
    bert(tmp_path)
    BertModel.from_pretrained(tmp_path).to(torch.bfloat16).save_pretrained(tmp_path)
    assert {weight.dtype for weight in new_model(tmp_path, settings, 0.0).state_dict().values()} == {torch.float32}


def test_an_encoder_is_obtained_with_the_same_bytes_again(encoder: Path, tmp_path: Path) -> None:
    made = [obtain_encoder(str(encoder.parent / "made"), None, tmp_path / name) for name in "ab"]
    assert made[0] == made[1]
