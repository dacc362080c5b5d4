"""Progressive prompts: groups of five, from a simple object to a scene with four things said about it."""

from webpairs.diffusion.prompts.files import thesis
from webpairs.diffusion.prompts.miniature import miniature
from webpairs.diffusion.prompts.prompt import LEVELS, SETS, Prompt

__all__ = ["LEVELS", "SETS", "Prompt", "miniature", "thesis"]
