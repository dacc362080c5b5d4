"""The pretrained models that everything starts from: a text encoder, a CLIP and an SDXL.

Each comes by hub name with a pinned revision, from a local path, or `embedded`: shipped with webpairs or with a package
that it depends on. Where it came from stands in `source.json` beside the weights, and no other room needs to know.
"""

from webpairs.foundation.obtain import obtain_clip, obtain_encoder, obtain_sdxl
from webpairs.foundation.source import Source, require, source

__all__ = ["Source", "obtain_clip", "obtain_encoder", "obtain_sdxl", "require", "source"]
