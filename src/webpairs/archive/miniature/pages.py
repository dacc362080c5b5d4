"""The pages of a site: which images they show, what they say, and the images that are no content."""

import random
import re
import unicodedata
from dataclasses import dataclass, field

from markupsafe import Markup

from webpairs.archive.miniature import content, encode, layout, markup, pictures, texts
from webpairs.archive.miniature.content import Chrome, Page, Picture
from webpairs.archive.miniature.deal import deal, spread
from webpairs.archive.miniature.pictures import ImageFile
from webpairs.archive.miniature.prose import Prose
from webpairs.archive.miniature.sites import Site, random_of
from webpairs.params import Sample
from webpairs.scenes import HELD_OUT_KINDS, KINDS, sample_scene

_TEACHABLE = tuple(kind for kind in KINDS if kind not in HELD_OUT_KINDS)


@dataclass(slots=True)
class Built:
    """The pages of a site, and all image files that its archive holds."""

    pages: list[Page] = field(default_factory=list)
    files: list[ImageFile] = field(default_factory=list)


def build(site: Site, sample: Sample) -> Built:
    """All pages of the site."""
    rng = random_of(sample, site, "pages")
    counts = _images_a_page(site, rng)
    planned = _planned(sum(counts), random_of(sample, site, "places"))
    built = Built()
    chrome = _Chrome(site, random_of(sample, site, "chrome"), built.files)
    languages = _languages(site, rng)
    drawn = 0
    for number, count in enumerate(counts):
        own = planned[drawn : drawn + count]
        for picture in own:
            _give_file(picture, site, drawn, random_of(sample, site, f"image {drawn}"), built.files)
            drawn += 1
        page = _page(site, number, languages[number], own, random_of(sample, site, f"page {number}"))
        if count:
            chrome.add_to(page)
        built.pages.append(page)
    _link(built.pages, rng)
    return built


def _images_a_page(site: Site, rng: random.Random) -> list[int]:
    """How many content images each page shows; some show none of any kind."""
    # Rounded by chance, so that sites with few pages have their part in it too.
    bare = int(site.pages * content.PAGES_WITHOUT_IMAGE + rng.random())
    counts = [0] * bare + spread(site.images, site.pages - bare, rng)
    rng.shuffle(counts)
    return counts


def _languages(site: Site, rng: random.Random) -> list[str]:
    if site.language == "en":
        return ["en"] * site.pages
    return deal({site.language: site.foreign_share, "en": 1 - site.foreign_share}, site.pages, rng)


def _planned(count: int, rng: random.Random) -> list[Picture]:
    """Scenes, places, kinds of alt and states for that many images, each in its shares."""
    held_out = deal({"yes": content.HELD_OUT_SHARE, "no": 1 - content.HELD_OUT_SHARE}, count, rng)
    places = deal(content.PLACES, count, rng)
    states = deal(pictures.STATES, count, rng)
    in_text = deal(content.ALT_KINDS, count, rng)
    others = {kind: share for kind, share in content.ALT_KINDS.items() if kind not in ("description", "paraphrase")}
    elsewhere = deal(others, count, rng)
    planned = []
    for number, place in enumerate(places):
        scene = sample_scene(rng, HELD_OUT_KINDS if held_out[number] == "yes" else _TEACHABLE)
        alt_kind = {"alt_only": "description", "nowhere": elsewhere[number]}.get(place, in_text[number])
        planned.append(Picture(scene, place, alt_kind, state=states[number]))
    return planned


def _give_file(picture: Picture, site: Site, number: int, rng: random.Random, files: list[ImageFile]) -> None:
    """Sets the URLs and the HTML form of the picture, and draws its files."""
    suffix = pictures.extension(rng)
    path = pictures.path_of(site, picture.scene, number, suffix, rng)
    form, others = markup.variants(path, rng)
    picture.urls = tuple(markup.absolute(site, one, site.image_host) for one in (path, *others))
    picture.url = picture.urls[0]
    picture.form = form
    files += pictures.image_files(picture.urls, picture.scene, picture.state, suffix, rng)


def _page(site: Site, number: int, language: str, shown: list[Picture], rng: random.Random) -> Page:
    prose = Prose(site.foreign_prose if language != "en" else site.prose, rng)
    title = prose.line("title")
    path = site.page_path.format(n=number + 1, slug=_slug(title), year=rng.randint(2015, 2023))
    for picture in shown:
        texts.fill_in(picture, site, language, prose, rng)
        _keep_apart(picture, shown, site, language, prose, rng)
    sections = layout.lay_out(shown, layout.manner_of(site.template), prose, rng)
    for picture in shown:
        picture.html = markup.image(site, path, picture, picture.form, rng)
    page = Page(number, path, markup.absolute(site, path), language, title, sections)
    page.nav = list(prose.sections["nav"])
    page.footer = prose.line("footer")
    page.meta = _head(site, shown)
    return page


def _keep_apart(
    picture: Picture, shown: list[Picture], site: Site, language: str, prose: Prose, rng: random.Random
) -> None:
    """Words the description anew while another picture of the page has the same."""
    earlier = {other.description for other in shown[: shown.index(picture)]}
    for _ in range(20):
        if not picture.description or picture.description not in earlier:
            return
        texts.fill_in(picture, site, language, prose, rng)


def _head(site: Site, shown: list[Picture]) -> Markup:
    meta = encode.meta_of(site.charset, old_style=site.number % 4 == 0)
    base = f'<base href="{markup.BASE}">' if site.refer == "base" else ""
    shared = Markup("")
    if shown and site.number % 3 == 1:
        shared = Markup('<meta property="og:image" content="{}">').format(shown[0].url)
    return Markup(meta + base) + shared


def _slug(title: str) -> str:
    ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_title.lower()).strip("-")[:40]


def _link(pages: list[Page], rng: random.Random) -> None:
    """Gives each page the titles of a few others."""
    for page in pages:
        others = [other for other in pages if other is not page]
        page.related = [(other.path, other.title) for other in rng.sample(others, min(4, len(others)))]


class _Chrome:
    """The site's logo, icons and tracker; a site has one or two of the three."""

    def __init__(self, site: Site, rng: random.Random, files: list[ImageFile]) -> None:
        self._site, self._rng, self._files = site, rng, files
        self._has = {("logo", "icons", "tracker")[(site.number + step) % 3] for step in range(1 + site.number % 2)}
        self._icons = [pictures.icon(rng) for _ in range(2)]
        self._inline = site.number % 4 == 1
        if "logo" in self._has:
            self._file("/gfx/top.png", "image/png", pictures.decoration(rng, 600, 60))
        if "icons" in self._has and not self._inline:
            for number, icon in enumerate(self._icons):
                self._file(f"/gfx/s{number}.png", "image/png", icon)

    def add_to(self, page: Page) -> None:
        """Adds the images to the page: the logo always, icons and tracker to some pages."""
        if "logo" in self._has:
            page.logo = self._chrome("decoration", "/gfx/top.png", self._rng.choice((self._site.title, "", None)))
        if "icons" in self._has and self._rng.random() < 0.6:
            page.icons = [self._icon(number) for number in range(2)]
        if "tracker" in self._has and self._rng.random() < 0.7:
            path = f"/count.gif?p={page.number}&r={self._rng.randrange(10**6)}"
            self._file(path, "image/gif", pictures.tracker())
            page.tracker = self._chrome("tracker", path, self._rng.choice(("", None)))

    def _icon(self, number: int) -> Chrome:
        if not self._inline:
            return self._chrome("icon", f"/gfx/s{number}.png", ("share", "print")[number])
        url = markup.data_uri(self._icons[number], "image/png")
        return Chrome("icon", url, markup.plain(url, ("share", "print")[number]))

    def _chrome(self, role: str, path: str, alt: str | None) -> Chrome:
        return Chrome(role, markup.absolute(self._site, path), markup.plain(path, alt))

    def _file(self, path: str, content_type: str, body: bytes) -> None:
        self._files.append(ImageFile(markup.absolute(self._site, path), 200, content_type, body))
