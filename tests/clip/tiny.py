"""A real open_clip model in the `local-dir` layout, tiny and untrained, with a tokenizer of its own."""

import json
from pathlib import Path

import open_clip
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "red", "blue", "cat", "dog", "house", "tree", "on", "the"]
CONTEXT = 16


def write_tiny_clip(folder: Path) -> Path:
    """Writes the model; the same weights every time."""
    config = {
        "embed_dim": 24,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 8},
        "text_cfg": {
            "context_length": CONTEXT,
            "vocab_size": len(WORDS),
            "width": 32,
            "heads": 2,
            "layers": 1,
            "hf_tokenizer_name": "local",
        },
    }
    torch.manual_seed(1)
    model = open_clip.CLIP(**config)
    folder.mkdir(parents=True)
    described = {"model_cfg": config, "preprocess_cfg": {"size": [32, 32]}}
    (folder / "open_clip_config.json").write_text(json.dumps(described))
    save_file(
        {name: value.contiguous() for name, value in model.state_dict().items()}, folder / "open_clip_model.safetensors"
    )
    _tokenizer().save_pretrained(folder)
    source = {"kind": "embedded", "name": "tiny", "revision": None, "stand_in": True}
    (folder / "source.json").write_text(json.dumps(source))
    return folder


def _tokenizer() -> PreTrainedTokenizerFast:
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    )
