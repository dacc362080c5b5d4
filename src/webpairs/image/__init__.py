"""Images: found in archives, data: URIs or on the web, checked, and kept as they were."""
