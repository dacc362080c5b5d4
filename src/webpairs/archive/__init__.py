"""archive: manifests, records of web archives, the miniature web."""
