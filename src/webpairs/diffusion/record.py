"""The folder of a fine-tuned model: its UNet, and what it was made from."""

import json
from pathlib import Path
from typing import Any

from webpairs.foundation import Source
from webpairs.shards import write_bytes


def save(unet: Any, base: Source, training: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Writes the UNet as safetensors, and source.json; returns what stands there.

    A model fine-tuned from a stand-in is one itself.
    """
    # diffusers notes where a model was loaded from, which differs between machines.
    unet.register_to_config(_name_or_path="")
    unet.save_pretrained(folder / "unet", safe_serialization=True)
    described = {
        "kind": "finetuned",
        "name": base["name"],
        "revision": base["revision"],
        "stand_in": base["stand_in"],
        "base_weights_sha256": base["weights_sha256"],
        **training,
    }
    write_bytes(folder / "source.json", (json.dumps(described, indent=2) + "\n").encode())
    return described
