"""Says in German, French or Spanish what a scene shows."""

import random
from dataclasses import dataclass

from webpairs.scenes import Companion, Scene

# Of each kind: the gender, then the noun.
_NOUNS: dict[str, dict[str, str]] = {
    "de": {
        "house": "n Haus", "tree": "m Baum", "car": "n Auto", "boat": "n Boot", "fish": "m Fisch",
        "flower": "f Blume", "balloon": "m Heißluftballon", "umbrella": "m Schirm", "mushroom": "m Pilz",
        "rocket": "f Rakete", "snowman": "m Schneemann", "lighthouse": "m Leuchtturm", "windmill": "f Windmühle",
        "tent": "n Zelt", "cactus": "m Kaktus", "cup": "f Tasse", "kite": "m Drachen", "train": "m Zug",
        "butterfly": "m Schmetterling", "star": "m Stern",
    },
    "fr": {
        "house": "f maison", "tree": "m arbre", "car": "f voiture", "boat": "m bateau", "fish": "m poisson",
        "flower": "f fleur", "balloon": "m ballon", "umbrella": "m parapluie", "mushroom": "m champignon",
        "rocket": "f fusée", "snowman": "m bonhomme de neige", "lighthouse": "m phare", "windmill": "m moulin",
        "tent": "f tente", "cactus": "m cactus", "cup": "f tasse", "kite": "m cerf-volant", "train": "m train",
        "butterfly": "m papillon", "star": "f étoile",
    },
    "es": {
        "house": "f casa", "tree": "m árbol", "car": "m coche", "boat": "m barco", "fish": "m pez",
        "flower": "f flor", "balloon": "m globo", "umbrella": "m paraguas", "mushroom": "f seta",
        "rocket": "m cohete", "snowman": "m muñeco de nieve", "lighthouse": "m faro", "windmill": "m molino",
        "tent": "f tienda de campaña", "cactus": "m cactus", "cup": "f taza", "kite": "f cometa", "train": "m tren",
        "butterfly": "f mariposa", "star": "f estrella",
    },
}  # fmt: skip
# Masculine and feminine; German takes the stem, and the ending from below.
_COLOURS: dict[str, dict[str, tuple[str, str]]] = {
    "de": {
        "red": ("rot", ""), "orange": ("orangefarben", ""), "yellow": ("gelb", ""), "green": ("grün", ""),
        "blue": ("blau", ""), "purple": ("violett", ""), "pink": ("rosafarben", ""), "white": ("weiß", ""),
    },
    "fr": {
        "red": ("rouge", "rouge"), "orange": ("orange", "orange"), "yellow": ("jaune", "jaune"),
        "green": ("vert", "verte"), "blue": ("bleu", "bleue"), "purple": ("violet", "violette"),
        "pink": ("rose", "rose"), "white": ("blanc", "blanche"),
    },
    "es": {
        "red": ("rojo", "roja"), "orange": ("naranja", "naranja"), "yellow": ("amarillo", "amarilla"),
        "green": ("verde", "verde"), "blue": ("azul", "azul"), "purple": ("morado", "morada"),
        "pink": ("rosa", "rosa"), "white": ("blanco", "blanca"),
    },
}  # fmt: skip
_SIZES: dict[str, dict[str, tuple[str, str]]] = {
    "de": {"small": ("klein", ""), "large": ("groß", "")},
    "fr": {"small": ("petit", "petite"), "large": ("grand", "grande")},
    "es": {"small": ("pequeño", "pequeña"), "large": ("grande", "grande")},
}
_SETTINGS: dict[str, dict[str, str]] = {
    "de": {"meadow": "auf einer Wiese", "beach": "am Strand", "snow": "im Schnee", "desert": "in der Wüste",
           "street": "auf einer Straße", "sea": "auf dem Meer"},
    "fr": {"meadow": "dans un pré", "beach": "sur la plage", "snow": "dans la neige", "desert": "dans le désert",
           "street": "dans une rue", "sea": "en mer"},
    "es": {"meadow": "en un prado", "beach": "en la playa", "snow": "en la nieve", "desert": "en el desierto",
           "street": "en una calle", "sea": "en el mar"},
}  # fmt: skip
_TIMES: dict[str, dict[str, str]] = {
    "de": {"day": "bei Tag", "sunset": "bei Sonnenuntergang", "night": "in der Nacht"},
    "fr": {"day": "en plein jour", "sunset": "au coucher du soleil", "night": "pendant la nuit"},
    "es": {"day": "a plena luz del día", "sunset": "al atardecer", "night": "de noche"},
}
_SIDES: dict[str, dict[str, str]] = {
    "de": {"left": "links daneben", "right": "rechts daneben"},
    "fr": {"left": "à sa gauche", "right": "à sa droite"},
    "es": {"left": "a su izquierda", "right": "a su derecha"},
}
_ENDINGS = {"m": "er", "f": "e", "n": "es"}

LANGUAGES = tuple(_NOUNS)


@dataclass(frozen=True, slots=True)
class _Forms:
    """The sentence forms of one language, and how a second object is added."""

    sentences: tuple[str, ...]
    companion: str
    indefinite: dict[str, str]


_FORMS = {
    "de": _Forms(
        (
            "{Thing} ist {time} {where} zu sehen{more}.",
            "Zu sehen ist {thing} {where}, aufgenommen {time}{more}.",
            "{Where} {time}: {thing}{more}.",
            "Auf dem Bild ist {where} {time} {thing} zu sehen{more}.",
            "Hier findet sich {time} {thing} {where}{more}.",
        ),
        ", {side} {thing}",
        {"m": "ein", "f": "eine", "n": "ein"},
    ),
    "fr": _Forms(
        (
            "On voit {thing} {where} {time}{more}.",
            "{Thing} se trouve {where} {time}{more}.",
            "{Where}, {time}, il y a {thing}{more}.",
            "La photo montre {thing} {where}, {time}{more}.",
            "{Thing}, {where}, {time}{more}.",
        ),
        ", avec {thing} {side}",
        {"m": "un", "f": "une"},
    ),
    "es": _Forms(
        (
            "Se ve {thing} {where} {time}{more}.",
            "{Thing} aparece {where} {time}{more}.",
            "{Where}, {time}, hay {thing}{more}.",
            "La imagen muestra {thing} {where}, {time}{more}.",
            "{Thing}, {where}, {time}{more}.",
        ),
        ", con {thing} {side}",
        {"m": "un", "f": "una"},
    ),
}


def describe(scene: Scene, language: str, rng: random.Random) -> str:
    """A sentence in the language (`de`, `fr` or `es`) that says everything about the scene."""
    forms = _FORMS[language]
    thing = _thing(language, scene.kind, scene.colour, scene.size)
    where, time = _SETTINGS[language][scene.setting], _TIMES[language][scene.time]
    more = _beside(language, scene.companion) if scene.companion else ""
    values = {"thing": thing, "Thing": _capital(thing), "where": where, "Where": _capital(where)}
    return rng.choice(forms.sentences).format(**values, time=time, more=more)


def noun(kind: str, language: str) -> str:
    """What the kind of object is called."""
    return _NOUNS[language][kind].partition(" ")[2]


def _beside(language: str, companion: Companion) -> str:
    thing = _thing(language, companion.kind, companion.colour, "small")
    return _FORMS[language].companion.format(thing=thing, side=_SIDES[language][companion.side])


def _thing(language: str, kind: str, colour: str, size: str) -> str:
    """The object with article, size and colour, in agreement."""
    gender, _, name = _NOUNS[language][kind].partition(" ")
    article = _FORMS[language].indefinite[gender]
    if language == "de":
        ending = _ENDINGS[gender]
        return f"{article} {_SIZES['de'][size][0]}{ending} {_COLOURS['de'][colour][0]}{ending} {name}"
    form = 0 if gender == "m" else 1
    sized, coloured = _SIZES[language][size][form], _COLOURS[language][colour][form]
    # French puts the size before its noun, Spanish after it.
    return f"{article} {sized} {name} {coloured}" if language == "fr" else f"{article} {name} {coloured} {sized}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
