"""Numbers about spans, pairs and images."""
