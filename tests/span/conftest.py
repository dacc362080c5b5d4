"""Tiny encoders with real tokenizers, and candidates with planted descriptions."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertModel,
    BertTokenizer,
    DistilBertConfig,
    DistilBertModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaModel,
)

from webpairs.foundation.source import write_source
from webpairs.params import Describe, Label, TrainSpan
from webpairs.records import CANDIDATES, PAGES, WINDOWED
from webpairs.span.model import Settings

# The thesis's labels: alt texts alone.
SILVER = Label(
    language="en",
    kinds=["alt"],
    negatives=["icon", "repeated", "not_in_text"],
    negatives_per_example=0.0,
    max_per_domain=1000,
    near_duplicate=0.95,
    min_words=2,
    max_words=60,
    validation_share=0.2,
    test_share=0.2,
    seed=1,
)

ANIMALS = ("cat", "dog", "horse", "owl", "fox", "goat")
COLOURS = ("red", "black", "white", "brown", "grey")
PLACES = ("on the sofa", "by the river", "in the snow", "under a tree")
FILLER = (
    "The shop opens at nine and closes late .",
    "Prices may change without notice .",
    "Our team has worked here for many years .",
    "Read the terms before you order .",
    "It took three days to finish the work .",
)


def vocabulary() -> list[str]:
    """WordPiece tokens: all words of the planted pages, and letters for the rest."""
    texts = [*ANIMALS, *COLOURS, *PLACES, *FILLER, "a photo shows look here is picture of"]
    known = sorted({word.lower() for text in texts for word in text.split()})
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    pieces = [*letters, *(f"##{letter}" for letter in letters), *"[].,:;!?'\"-()"]
    return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys([*pieces, *known])]


def bert_tokenizer() -> Any:
    tokens = vocabulary()
    return BertTokenizer(vocab={token: index for index, token in enumerate(tokens)}, model_max_length=128)


SMALL = {"attention_probs_dropout_prob": 0.1, "hidden_dropout_prob": 0.0}


def save(folder: Path, encoder: Any, tokenizer: Any) -> Path:
    encoder.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    write_source(folder, "path", folder.name, None, stand_in=True)
    return folder


def write_bert(folder: Path) -> Path:
    """A folder with a random BERT, 2 layers, 32 wide, 128 positions."""
    torch.manual_seed(0)
    size = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = BertConfig(vocab_size=len(vocabulary()), max_position_embeddings=128, **size, **SMALL)
    return save(folder, BertModel(config), bert_tokenizer())


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Threads only get in each other's way in models this small."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bert(tmp_path_factory.mktemp("encoders") / "bert")


@pytest.fixture(scope="session")
def distilbert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random DistilBERT."""
    torch.manual_seed(0)
    size = {"dim": 32, "hidden_dim": 64, "n_layers": 2, "n_heads": 2}
    config = DistilBertConfig(vocab_size=len(vocabulary()), max_position_embeddings=96, **size)
    return save(tmp_path_factory.mktemp("encoders") / "distilbert", DistilBertModel(config), bert_tokenizer())


@pytest.fixture(scope="session")
def roberta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random RoBERTa over bytes, whose 66 positions have room for 64 tokens."""
    torch.manual_seed(0)
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokens = [*special, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    raw = Tokenizer(models.BPE({token: index for index, token in enumerate(tokens)}, []))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    raw.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    names = {"bos_token": "<s>", "cls_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "sep_token": "</s>"}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, unk_token="<unk>", mask_token="<mask>", **names)
    size = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = RobertaConfig(vocab_size=len(tokens), max_position_embeddings=66, pad_token_id=1, **size, **SMALL)
    return save(tmp_path_factory.mktemp("encoders") / "roberta", RobertaModel(config), tokenizer)


@pytest.fixture
def settings() -> Settings:
    return tiny_settings()


def tiny_settings() -> Settings:
    return Settings(
        loss="cross_entropy",
        alt_in_input="never",
        answers_none=False,
        within_block=False,
        decoding="likeliest",
        nearness=0.0,
        matches=(),
        edges=(),
        max_tokens=96,
        max_span_tokens=20,
        precision="float32",
        encoder={"name": "tiny"},
    )


@pytest.fixture
def deciding() -> Describe:
    thresholds = {"none_from": 0.5, "min_confidence": 0.1}
    return Describe(decorations=["icon", "repeated"], **thresholds, batch_size=4)


@pytest.fixture
def training() -> TrainSpan:
    return TrainSpan(
        loss="cross_entropy",
        alt_in_input="never",
        answers_none=False,
        learns_negatives=False,
        within_block=False,
        decoding="likeliest",
        nearness=0.0,
        matches=[],
        edges=[],
        max_tokens=96,
        max_span_tokens=20,
        max_examples=1000,
        epochs=3,
        batch_size=8,
        gradient_accumulation=1,
        learning_rate=3e-3,
        head_learning_rate=3e-3,
        warmup_share=0.1,
        attention_dropout=0.0,
        token_masking=0.0,
        mirrored=0.0,
        frozen_layers=0,
        precision="float32",
        seed=1,
    )


def candidate(number: int, **values: Any) -> dict[str, Any]:
    """A row of records.WINDOWED, all of it valid."""
    row: dict[str, Any] = {name: "" if dtype == pl.String else None for name, dtype in WINDOWED.items()}
    row |= {"candidate_id": f"{number:024x}", "page_id": f"{number:024x}", "language": "en"}
    row |= {
        "page_url": f"http://a.example/{number}",
        "domain": "a.example",
        "image_url": f"http://a.example/{number}.png",
    }
    return row | {"alt": None, "urls": [], "texts": []} | values


def write_candidates(name: str, windowed: pl.DataFrame) -> None:
    """Writes data/candidates/<name> and data/pages/<name> that give these rows of records.WINDOWED when read."""
    before, after = windowed["text_before"], windowed["text_after"]
    ends = (before + after).str.len_chars()
    placed = windowed.with_columns(offset=before.str.len_chars(), window_start=pl.lit(0), window_end=ends)
    pages = windowed.select("page_id", text=before + after)
    columns = [pl.lit(None, dtype).alias(column) for column, dtype in PAGES.items() if column not in pages.columns]
    for folder, frame, schema in (
        ("data/candidates", placed, CANDIDATES),
        ("data/pages", pages.with_columns(columns), PAGES),
    ):
        Path(folder).mkdir(parents=True, exist_ok=True)
        frame.select(*schema).cast(schema).write_parquet(Path(folder) / name)


def planted(domains: int, each: int, seed: int = 1) -> pl.DataFrame:
    """Candidates whose alt text stands in a sentence beside the image, with other text around."""
    generator = random.Random(seed)
    rows = []
    for number in range(domains * each):
        domain = f"site{number // each}.example"
        alt = f"a {generator.choice(COLOURS)} {generator.choice(ANIMALS)} {generator.choice(PLACES)}"
        before, after = ([generator.choice(FILLER) for _ in range(2)] for _ in range(2))
        if generator.random() < 0.5:
            before.append(f"Look : {alt} .")
        else:
            after.insert(0, f"Look : {alt} .")
        page = f"http://{domain}/{number}"
        texts = {"text_before": "\n".join(before) + "\n", "text_after": "\n".join(after)}
        rows.append(candidate(number, domain=domain, page_url=page, image_url=f"{page}.png", alt=alt, **texts))
    return pl.DataFrame(rows, schema=WINDOWED)
