"""Bad input of label and train_span: each a clear error that names the next step, or counted, or simply dealt with."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import load_file
from transformers import (
    BartConfig,
    BartModel,
    BertModel,
    GPT2Config,
    GPT2Model,
    PreTrainedTokenizerFast,
)

from tests.span.conftest import SILVER, bert_tokenizer, candidate, planted, vocabulary
from tests.span.test_encoders import KINDS
from webpairs.errors import WebpairsError
from webpairs.foundation.obtain import obtain_encoder
from webpairs.params import TrainSpan
from webpairs.records import WINDOWED
from webpairs.span import model
from webpairs.span.model import Settings, encoder_source, load_model, new_model
from webpairs.span.prediction import predict_texts
from webpairs.span.silver import label
from webpairs.span.training import Trained, train
from webpairs.span.windows import Texts

# Around the description, and what it is made of: which, what, where. There are no spaces between words in Chinese.
SCRIPTS = {
    "zh": (
        "本店每天早上九点开门。价格可能随时变动。\n",
        "{1}上的{0}{2}",
        ("红色的", "白色的", "黑色的", "棕色的", "灰色的", "金色的"),
        ("沙发", "小河旁的草地", "雪山", "老树", "木头桌子", "火车站的屋顶"),
        ("猫", "小狗", "马", "猫头鹰", "狐狸", "山羊"),
    ),
    "ar": (
        "يفتح المتجر في التاسعة صباحا. قد تتغير الأسعار.\n",
        "{2} {0} على {1}",
        ("أحمر", "أبيض", "أسود", "بني", "رمادي", "ذهبي"),
        ("الأريكة", "العشب قرب النهر", "الثلج", "الشجرة القديمة", "الطاولة الخشبية", "سطح المحطة"),
        ("قط", "كلب صغير", "حصان", "بوم", "ثعلب", "ماعز"),
    ),
}


def in_script(language: str) -> pl.DataFrame:
    """Candidates of six domains whose alt text stands after the image, in one script."""
    around, said, which, where, what = SCRIPTS[language]
    rows = []
    for number in range(36):
        site, page = divmod(number, 6)
        alt = said.format(which[(site + page) % 6], where[site], what[page])
        texts = {
            "text_before": f"{which[page]} {where[page]}。\n{around}",
            "text_after": f"{alt}。\n{around}",
            "alt": alt,
        }
        about = {"page_url": f"http://site{site}.example/{page}", "domain": f"site{site}.example"}
        image = f"http://site{site}.example/{page}.png"
        rows.append(candidate(number, language=language, image_url=image, **about, **texts))
    return pl.DataFrame(rows, schema=WINDOWED)


def trained(folder: Path, settings: Settings, params: TrainSpan, frames: dict[str, pl.DataFrame], to: Path) -> Trained:
    torch.manual_seed(params.seed)
    model = new_model(folder, settings, params.attention_dropout)
    return train(model, frames["train"], frames["validation"], params, to / "run.pt", to / "logs")


@pytest.mark.parametrize("domains", [1, 2])
def test_too_few_domains_for_splits_are_named(domains: int) -> None:
    with pytest.raises(WebpairsError, match=rf"Only {domains} domain.*site0\.example.*archive\.inputs"):
        label([planted(domains, 12)], SILVER)


@pytest.mark.parametrize("language", SCRIPTS)
def test_pages_in_one_script_are_labelled_and_the_encoder_must_know_it(
    language: str, bert: Path, settings: Settings, training: TrainSpan, tmp_path: Path
) -> None:
    params = SILVER.model_copy(update={"language": language, "min_words": 3})
    labels = label([in_script(language)], params)
    assert labels.metrics["candidates"] == 36
    assert sum(labels.metrics["drops"].values()) + labels.metrics["examples"]["all"] == 36
    assert labels.metrics["examples"]["all"] > 24
    assert min(labels.metrics["domains"].values()) >= 1
    # A character is a word where there are no spaces.
    with pytest.raises(WebpairsError, match="too_short: 36"):
        label([in_script(language)], params.model_copy(update={"min_words": 15 if language == "zh" else 8}))
    with pytest.raises(WebpairsError, match=r"pages in 'en'[^\0]*other_language: 36"):
        label([in_script(language)], SILVER)

    # Nothing of it is in an English vocabulary.
    with pytest.raises(WebpairsError, match=r"\d+% are unknown to the encoder: set foundation\.encoder"):
        trained(bert, settings, training.model_copy(update={"epochs": 1}), labels.splits, tmp_path)
    # Unknown tokens lead back to their characters all the same.
    model = new_model(bert, settings, 0.0)
    test = labels.splits["test"]
    texts = [Texts(*row) for row in test.select("text_before", "text_after", "alt").iter_rows()]
    spans = predict_texts(model, texts, 4)
    assert (spans.start >= 0).all() and (spans.start < spans.end).all()


@pytest.mark.parametrize("kind", KINDS, ids=[make.__name__ for make in KINDS])
def test_an_encoder_without_tokenizer_is_refused(
    kind: Callable[[Path], None], settings: Settings, tmp_path: Path
) -> None:
    kind(tmp_path)
    for file in [one for name in ("tokenizer*", "vocab*", "merges*", "spm*") for one in tmp_path.glob(name)]:
        file.unlink()
    with pytest.raises(WebpairsError, match=r"foundation\.encoder: .* can't be had: (?s:.*)tokenizer"):
        obtain_encoder(str(tmp_path), None, tmp_path / "obtained")
    with pytest.raises(WebpairsError, match=r"tokenizer") as error:
        new_model(tmp_path, settings, 0.0)
    assert str(tmp_path) in str(error.value)


def bart(folder: Path) -> None:
    size = {"encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2, "decoder_attention_heads": 2}
    width = {"d_model": 16, "encoder_ffn_dim": 16, "decoder_ffn_dim": 16}
    BartModel(BartConfig(vocab_size=len(vocabulary()), **size, **width)).save_pretrained(folder)
    raw = bert_tokenizer().backend_tokenizer
    names = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"}
    PreTrainedTokenizerFast(tokenizer_object=raw, **names).save_pretrained(folder)


def gpt2(folder: Path) -> None:
    GPT2Model(GPT2Config(vocab_size=len(vocabulary()), n_embd=16, n_layer=1, n_head=2)).save_pretrained(folder)
    raw = bert_tokenizer().backend_tokenizer
    PreTrainedTokenizerFast(tokenizer_object=raw, unk_token="[UNK]").save_pretrained(folder)


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (bart, r"BartModel, to whose embeddings \[IMG\] can't be added"),
        (gpt2, "it has no tokens for start, separator and padding"),
    ],
)
def test_models_without_room_for_the_image_token_are_refused(
    make: Callable[[Path], None], cause: str, settings: Settings, tmp_path: Path
) -> None:
    make(tmp_path)
    with pytest.raises(WebpairsError, match=f"{cause}(?s:.*)foundation.encoder"):
        new_model(tmp_path, settings, 0.0)


class OtherTokenizer:
    """A tokenizer as it is, but for what is given."""

    def __init__(self, tokenizer: Any, **other: Any) -> None:
        self._tokenizer = tokenizer
        self.__dict__ |= other

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokenizer, name)

    def __len__(self) -> int:
        return len(self._tokenizer)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self._tokenizer(*arguments, **options)


@pytest.mark.parametrize(
    ("other", "cause"),
    [
        ({"add_special_tokens": lambda _: 0}, r"\[IMG\] is more than one token"),
        ({"is_fast": False}, "it is not a fast one, so its tokens have no offsets"),
    ],
)
def test_tokenizers_without_room_for_the_image_token_are_refused(
    other: dict[str, Any], cause: str, bert: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "_tokenizer", lambda _: OtherTokenizer(bert_tokenizer(), **other))
    with pytest.raises(WebpairsError, match=f"{cause}(?s:.*)foundation.encoder"):
        new_model(bert, settings, 0.0)


def test_a_tokenizer_of_another_encoder_is_refused(bert: Path, settings: Settings, tmp_path: Path) -> None:
    shutil.copytree(bert, tmp_path / "bert")
    tokenizer = bert_tokenizer()
    tokenizer.add_tokens(["zebrafish", "quokka"])
    tokenizer.save_pretrained(tmp_path / "bert")
    rows = len(vocabulary())
    with pytest.raises(WebpairsError, match=rf"it has {rows + 3} tokens, the encoder's embeddings have {rows}"):
        new_model(tmp_path / "bert", settings, 0.0)


def test_an_encoder_whose_embeddings_can_not_be_had_is_refused(
    bert: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hashed(_: BertModel) -> None:
        raise NotImplementedError

    monkeypatch.setattr(BertModel, "get_input_embeddings", hashed)
    with pytest.raises(WebpairsError, match=r"BertModel, to whose embeddings \[IMG\] can't be added"):
        new_model(bert, settings, 0.0)


@pytest.mark.parametrize("most", [0, 4, 8, 15])
def test_an_encoder_that_takes_too_few_tokens_is_refused(
    most: int, bert: Path, settings: Settings, tmp_path: Path
) -> None:
    shutil.copytree(bert, tmp_path / "short")
    kept = json.loads((tmp_path / "short" / "tokenizer_config.json").read_text())
    (tmp_path / "short" / "tokenizer_config.json").write_text(json.dumps({**kept, "model_max_length": most}))
    with pytest.raises(WebpairsError, match=rf"takes {most} tokens at most(?s:.*)model_max_length"):
        new_model(tmp_path / "short", settings, 0.0)


def test_the_shortest_windows_hold_text(bert: Path, settings: Settings, training: TrainSpan) -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 16"):
        TrainSpan.model_validate({**training.model_dump(), "max_tokens": 15})
    model = new_model(bert, settings.model_copy(update={"max_tokens": 16, "alt_in_input": "always"}), 0.0)
    window = next(iter(model.fitter().fit([Texts("a red cat . " * 9, "the dog . " * 9, "an owl . " * 9)])))
    assert len(window) == 16
    assert {1, 2} <= set(window.side.tolist())


def with_a_bit_changed(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "garbage": lambda _: b"not a checkpoint",
    "head": lambda content: content[:100],
    "half": lambda content: content[: len(content) // 2],
    "all but one byte": lambda content: content[:-1],
    "a bit changed": with_a_bit_changed,
}


def test_training_begins_anew_where_its_checkpoint_is_damaged(
    bert: Path, settings: Settings, training: TrainSpan, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames = {name: frame.head(4) for name, frame in label([planted(6, 6)], SILVER).splits.items()}
    params = training.model_copy(update={"epochs": 1})
    whole = trained(bert, settings, params, frames, tmp_path)
    assert "anew" not in capsys.readouterr().err
    checkpoint, state = tmp_path / "run.pt", whole.model.state_dict()
    content = checkpoint.read_bytes()
    for what, damage in DAMAGES.items():
        checkpoint.write_bytes(damage(content))
        again = trained(bert, settings, params, frames, tmp_path)
        said = capsys.readouterr().err
        assert "anew" in said and str(checkpoint) in said, what
        assert (again.sequences, again.epochs) == (whole.sequences, whole.epochs), what
        assert all(torch.equal(weight, state[name]) for name, weight in again.model.state_dict().items()), what


@pytest.fixture
def saved(bert: Path, settings: Settings, tmp_path: Path) -> Path:
    """A folder with a span model as it is saved."""
    new_model(bert, settings, 0.0).save(tmp_path / "span")
    return tmp_path / "span"


def test_a_span_model_of_another_version_must_be_trained_again(saved: Path) -> None:
    kept = json.loads((saved / "span.json").read_text())
    older: list[Any] = [{name: kept[name] for name in kept if name != "answers_none"}, {**kept, "window": 3}, [], {}]
    for content in older:
        (saved / "span.json").write_text(json.dumps(content))
        with pytest.raises(WebpairsError, match=r"another version of webpairs: train it again, `dvc repro train_span`"):
            load_model(saved)
    (saved / "span.json").write_text(json.dumps(older[0]))
    with pytest.raises(WebpairsError, match="answers_none: Field required"):
        load_model(saved)
    (saved / "span.json").write_text('{"loss": ')
    with pytest.raises(WebpairsError, match="train it again"):
        load_model(saved)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
@pytest.mark.parametrize("kept", [None, 0, 0.5, 0.99])
def test_a_damaged_span_model_is_named(name: str, kept: float | None, saved: Path) -> None:
    assert load_model(saved).settings.max_tokens == 96
    content = (saved / name).read_bytes()
    (saved / name).unlink()
    if kept is not None:
        (saved / name).write_bytes(content[: int(kept * len(content))])
    with pytest.raises(WebpairsError) as error:
        load_model(saved)
    assert str(saved) in str(error.value) and "dvc" in str(error.value)


def test_a_span_model_with_weights_of_another_is_named(saved: Path, distilbert: Path) -> None:
    shutil.copy(distilbert / "model.safetensors", saved)
    assert load_file(saved / "model.safetensors")
    with pytest.raises(WebpairsError, match=r"is damaged: .*dvc checkout.*dvc repro train_span"):
        load_model(saved)


def test_an_encoder_of_unknown_source_is_refused(bert: Path, tmp_path: Path) -> None:
    shutil.copytree(bert, tmp_path / "encoder")
    (tmp_path / "encoder" / "source.json").unlink()
    with pytest.raises(WebpairsError, match="dvc repro foundation"):
        encoder_source(tmp_path / "encoder")


@pytest.mark.parametrize("text", ["", "{", "\xff"])
def test_an_encoder_whose_source_is_damaged_is_named(text: str, bert: Path, tmp_path: Path) -> None:
    shutil.copytree(bert, tmp_path / "bert")
    (tmp_path / "bert" / "source.json").write_text(text, encoding="latin-1")
    with pytest.raises(WebpairsError, match=r"source\.json is damaged .*dvc repro --force foundation"):
        encoder_source(tmp_path / "bert")
