"""The dataset: which pairs are kept, and the files they are published as."""
