"""page: HTML → candidates, an image and the texts that may describe it."""
