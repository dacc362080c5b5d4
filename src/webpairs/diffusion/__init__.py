"""Text to image: SDXL, fine-tuned with pairs, and what it draws before and after."""
