"""What all tests share."""

import webpairs  # noqa: F401  (before any test imports torchvision, as in every entry point)
