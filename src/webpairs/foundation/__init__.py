"""The pretrained models that everything starts from: a text encoder, a CLIP and an SDXL.

Each comes by hub name with a pinned revision, from a local path, or `embedded`: shipped with webpairs or with a package
that it depends on (`webpairs.foundation.obtain`). Where it came from stands in `source.json` beside the weights, which
is all that other rooms ask for; obtaining needs diffusers and transformers, which take seconds to import.
"""

from webpairs.foundation.source import Source, require, source

__all__ = ["Source", "require", "source"]
