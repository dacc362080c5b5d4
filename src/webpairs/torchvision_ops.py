"""Makes torchvision importable beside a CPU-only torch.

The torchvision wheel of the package index is a CUDA build. Beside a CPU build of torch its operator library cannot be
loaded, its registrations of `nms` and `qnms` then fail, and with them every import of torchvision, and so of open_clip,
timm, transformers' CLIP classes and diffusers' pipelines. Declaring the two schemas first cures it.

Importing `webpairs` installs a finder that does this just before the first import of torchvision, in every process that
uses webpairs, worker processes too, and costs nothing where torchvision is never imported.
"""

import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

SCHEMAS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}

# torch.library drops a library's declarations when the object is collected, so it is kept here.
_declared: list[Any] = []


class _BeforeTorchvision(MetaPathFinder):
    """Finds nothing itself; its being asked for torchvision is the moment to act."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname == "torchvision" and path is None and target is None:
            sys.meta_path.remove(self)
            spec = importlib.util.find_spec("torchvision")
            if spec is not None and spec.origin is not None:
                declare_missing(Path(spec.origin).parent)
        return None


def install() -> None:
    """Arranges that `declare_missing` runs before the first import of torchvision in this process."""
    if "torchvision" not in sys.modules and not any(isinstance(finder, _BeforeTorchvision) for finder in sys.meta_path):
        sys.meta_path.insert(0, _BeforeTorchvision())


def declare_missing(torchvision_folder: Path) -> list[str]:
    """Declares the operators that torchvision's own library can't provide here.

    Returns the names declared: none where the real operators load, or where there is no operator library at all to
    load (torchvision then says so itself).
    """
    import torch

    libraries = sorted(torchvision_folder.glob("_C*.so")) + sorted(torchvision_folder.glob("_C*.pyd"))
    if not libraries:
        return []
    try:
        torch.ops.load_library(str(libraries[0]))
    except OSError:
        library = torch.library.Library("torchvision", "FRAGMENT")
        for schema in SCHEMAS.values():
            library.define(schema)
        _declared.append(library)
        return list(SCHEMAS)
    return []
