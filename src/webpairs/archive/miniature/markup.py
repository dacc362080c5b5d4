"""How pages write down an image: plain, lazy, with candidates, inside picture, and the URL in one of several ways."""

import base64
import posixpath
import random
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from webpairs.archive.miniature import pictures
from webpairs.archive.miniature.content import Picture
from webpairs.archive.miniature.sites import Site

BASE = "/web/"
PLACEHOLDER = "data:image/gif;base64," + base64.b64encode(pictures.tracker()).decode()


def scheme(site: Site) -> str:
    """Half of the sites are old."""
    return "https" if site.number % 2 else "http"


def absolute(site: Site, path: str, host: str = "") -> str:
    """The URL that a path stands for, as a browser asks for it."""
    return f"{scheme(site)}://{host or site.domain}{path}".replace(" ", "%20")


def refer(site: Site, page_path: str, image_path: str) -> str:
    """What the page writes for the image's URL; spaces stand as they are."""
    host = site.image_host or site.domain
    match site.refer:
        case "absolute":
            return f"{scheme(site)}://{host}{image_path}"
        case "protocol":
            return f"//{host}{image_path}"
        case "relative":
            return posixpath.relpath(image_path, posixpath.dirname(page_path.partition("?")[0]))
        case "base":
            return posixpath.relpath(image_path, BASE)
        case _:
            return image_path


def variants(picture_path: str, rng: random.Random) -> tuple[str, tuple[str, ...]]:
    """How the image is written, and the paths of its variants, if it has any."""
    stem, dot, extension = picture_path.rpartition(".")
    chance = rng.random()
    if chance < 0.12:
        return "srcset", (f"{stem}-2x{dot}{extension}",)
    if chance < 0.2 and extension in ("jpg", "png"):
        return "picture", (f"{stem}{dot}webp",)
    return "plain", ()


def image(site: Site, page_path: str, picture: Picture, form: str, rng: random.Random) -> Markup:
    """The element of a content image, with whatever stands around it."""
    paths = [urlsplit(url) for url in picture.urls]
    written = [
        refer(site, page_path, (part.path + (f"?{part.query}" if part.query else "")).replace("%20", " "))
        for part in paths
    ]
    attributes = {"src": written[0]}
    if picture.alt is not None:
        attributes["alt"] = picture.alt
    if form == "srcset":
        # Candidates are separated by white space, so there it is escaped.
        attributes["srcset"] = ", ".join(
            f"{url.replace(' ', '%20')} {size}" for url, size in zip(written, ("1x", "2x"), strict=True)
        )
    attributes |= _extras(rng)
    if site.lazy and form == "plain" and rng.random() < site.lazy_share:
        return _lazy(site, attributes, rng)
    element = _element(attributes, rng)
    if form == "picture":
        source = Markup('<source type="image/webp" srcset="{}">').format(written[1].replace(" ", "%20"))
        return Markup("<picture>{}{}</picture>").format(source, element)
    return element


def plain(url: str, alt: str | None, **more: str) -> Markup:
    """A plain element, for images that are no content."""
    attributes = {"src": url, **({} if alt is None else {"alt": alt}), **more}
    return Markup("<img{}>").format(_written(attributes))


def data_uri(content: bytes, content_type: str) -> str:
    """The bytes as a URL of their own."""
    return f"data:{content_type};base64,{base64.b64encode(content).decode()}"


def _lazy(site: Site, attributes: dict[str, str], rng: random.Random) -> Markup:
    """The URL in another attribute; some pages repeat the image for readers without scripts."""
    late = dict(attributes)
    late[site.lazy] = late.pop("src")
    if rng.random() < 0.75:
        late["src"] = PLACEHOLDER if rng.random() < 0.5 else "/blank.gif"
    element = _element(late, rng)
    if rng.random() < 0.4:
        return element + Markup("<noscript>{}</noscript>").format(_element(attributes, rng))
    return element


def _extras(rng: random.Random) -> dict[str, str]:
    extras: dict[str, str] = {}
    if rng.random() < 0.4:
        extras |= {"width": str(rng.choice((320, 400, 640))), "height": str(rng.choice((240, 300, 480)))}
    if rng.random() < 0.15:
        extras["loading"] = "lazy"
    if rng.random() < 0.08:
        extras["title"] = rng.choice(("Click to enlarge", "Open in a new window", "Image"))
    return extras


def _element(attributes: dict[str, str], rng: random.Random) -> Markup:
    names = list(attributes)
    rng.shuffle(names)
    return Markup("<img{}>").format(_written({name: attributes[name] for name in names}))


def _written(attributes: dict[str, str]) -> Markup:
    return Markup("").join(Markup(' {}="{}"').format(name, escape(value)) for name, value in attributes.items())
