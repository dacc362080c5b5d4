"""The texts of one image: the true description, and what the alt attribute says."""

import random

from webpairs.archive.miniature import foreign
from webpairs.archive.miniature.content import Picture
from webpairs.archive.miniature.prose import Prose
from webpairs.archive.miniature.sites import Site
from webpairs.scenes import Scene, article, caption, describe

_SPAM = {
    "en": ("{colour} {kind}", "{kind} photo", "cheap {kind}", "{kind} online", "best {kind} {year}", "{kind} free"),
    "de": ("{kind} Bild", "{kind} kaufen", "{kind} günstig", "{kind} Foto", "{kind} {year}"),
    "fr": ("photo {kind}", "{kind} pas cher", "acheter {kind}", "image {kind}", "{kind} {year}"),
    "es": ("foto {kind}", "{kind} barato", "comprar {kind}", "imagen {kind}", "{kind} {year}"),
}


def said(scene: Scene, site: Site, language: str, rng: random.Random) -> str:
    """A true description of the scene in the site's manner."""
    if language != "en":
        return foreign.describe(scene, language, rng)
    return describe(scene, rng, rng.choice(site.families))


def fill_in(picture: Picture, site: Site, language: str, prose: Prose, rng: random.Random) -> None:
    """Gives the picture its true description and its alt; where the description stands is settled by the layout."""
    if picture.place == "name":
        picture.description = prose.proper_name()
    elif picture.place != "nowhere":
        picture.description = said(picture.scene, site, language, rng)
    picture.alt = _alt(picture, site, language, prose, rng)


def _alt(picture: Picture, site: Site, language: str, prose: Prose, rng: random.Random) -> str | None:
    kind = picture.scene.kind if language == "en" else foreign.noun(picture.scene.kind, language)
    match picture.alt_kind:
        case "description":
            return picture.description
        case "paraphrase":
            return _reworded(picture, site, language, rng)
        case "otherwise":
            return prose.line("otherwise", kind=kind, a_kind=article(kind))
        case "file_name":
            return picture.url.rpartition("/")[2].partition("?")[0].replace("%20", " ")
        case "keywords":
            forms = rng.sample(_SPAM[language], 4)
            return ", ".join(form.format(kind=kind, colour=picture.scene.colour, year=2024) for form in forms)
        case "short":
            return kind
        case "empty":
            return rng.choice(("", "", " "))
        case _:
            return None


def _reworded(picture: Picture, site: Site, language: str, rng: random.Random) -> str:
    """The same scene in other words."""
    if language == "en" and rng.random() < 0.5:
        return caption(picture.scene, rng, rng.choice((2, 3, 4)))
    for _ in range(20):
        text = said(picture.scene, site, language, rng)
        if text != picture.description:
            return text
    return text
