"""Progressive prompts: groups of five, from a simple object to a scene with four things said about it."""

from webpairs.diffusion.prompts.files import thesis
from webpairs.diffusion.prompts.miniature import miniature
from webpairs.diffusion.prompts.prompt import LEVELS, SETS, Prompt
from webpairs.params import Generate

__all__ = ["LEVELS", "SETS", "Prompt", "choose", "miniature", "thesis"]


def choose(settings: Generate) -> list[Prompt]:
    """The prompts that the settings name: `groups` groups of each set."""
    if settings.prompts == "miniature":
        return miniature(settings.groups, settings.seed)
    return [prompt for prompt in thesis() if prompt.group <= settings.groups]
