"""Tools about the pipeline itself: its declared deps, its README, its inputs, and the comparison of two runs of it."""
