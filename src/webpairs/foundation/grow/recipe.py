"""How the stand-ins are grown: the sizes of the models and the lengths of their trainings."""

from dataclasses import dataclass, replace

SEED = 7
SIDE = 64  # pixels of the pictures that all of the models are grown on
CONTEXT = 40  # tokens of a text
TEXT_WIDTH = 96  # of the CLIP's text tower, which is also SDXL's second text encoder
FIRST_TEXT_WIDTH = 64  # of SDXL's first text encoder
EMBEDDING = 128  # of the CLIP's common space


@dataclass(frozen=True)
class Training:
    """One training: AdamW with a warm-up and a cosine decay."""

    pictures: int
    steps: int
    batch: int
    rate: float


@dataclass(frozen=True)
class Recipe:
    """All trainings. `judged` pictures of unseen scenes judge the CLIP and the VAE, `drawn` ones the SDXL."""

    clip: Training = Training(pictures=24000, steps=1200, batch=256, rate=1e-3)
    vae: Training = Training(pictures=12000, steps=1800, batch=32, rate=2e-3)
    unet: Training = Training(pictures=32000, steps=9000, batch=64, rate=1e-3)
    judged: int = 500
    drawn: int = 200


FULL = Recipe()
# Short enough for a test: it shows that the recipe runs and gives loadable models, not that they are any good.
TINY = Recipe(
    clip=replace(FULL.clip, pictures=64, steps=4, batch=16),
    vae=replace(FULL.vae, pictures=32, steps=3, batch=8),
    unet=replace(FULL.unet, pictures=32, steps=3, batch=8),
    judged=16,
    drawn=2,
)
