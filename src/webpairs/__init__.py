"""webpairs: image-text datasets from web archives, with descriptions found in the page."""

from webpairs import torchvision_ops

torchvision_ops.install()
