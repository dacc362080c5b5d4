"""CLIP: images and texts in one space, and how well they fit each other."""
