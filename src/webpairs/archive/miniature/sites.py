"""The sites of the miniature web: what each is like, and how many pages and images it gets."""

import random
from dataclasses import dataclass, replace

from webpairs.params import Sample


@dataclass(frozen=True, slots=True)
class Site:
    """A site: one domain, one template, one manner of writing and of referring to images."""

    domain: str
    title: str
    template: str  # templates/<template>.html
    prose: str  # prose/<prose>.txt, for its pages in English
    families: tuple[str, ...]  # of scenes.FAMILIES: how its pages in English describe images
    page_path: str  # of a page: {n}, {slug}, {year}
    image_path: str  # of an image: {n}, {x} (hexadecimal), {word}, {ext}
    refer: str = "root"  # how pages name images: root, relative, absolute, protocol, base
    image_host: str = ""  # where images lie, if not on the domain itself
    lazy: str = ""  # the attribute that holds the URL of images that load late
    lazy_share: float = 0.0
    charset: str = "utf-8"  # how pages are encoded and labelled; the names are in `encode.py`
    coding: str = ""  # content coding of pages: gzip, deflate, br
    chunked: bool = False
    language: str = "en"  # of most pages
    foreign_share: float = 0.0  # pages that are in `language` and not in English
    foreign_prose: str = ""
    entities: bool = False  # letters beyond ASCII as character references
    pages: int = 0
    images: int = 0
    number: int = 0


# The first five make up a cut-down web: four in English, one partly in German.
SITES = (
    Site("corran-vale-museum.example", "Corran Vale Museum", "museum", "museum", ("museum",),
         "/collection/cv-{n:04}.html",
         "/media/obj/{n:05}-l.{ext}", refer="relative", coding="gzip"),
    Site("slow-roads-diary.example", "Slow Roads", "travel", "travel", ("travel", "diary"),
         "/{year}/{n:02}/{slug}/",
         "/wp-files/{year}/IMG_{n:04}.{ext}", refer="absolute", lazy="data-src", lazy_share=0.5, chunked=True),
    Site("tillet-and-sons.test", "Tillet & Sons", "shop", "shop", ("shop",), "/shop/{slug}.php?id={n}",
         "/i/{x}/w_640,h_480,c_fit/p{n}.{ext}", refer="protocol", image_host="img.tillet-and-sons.test",
         lazy="data-original", lazy_share=0.3, coding="br"),
    Site("embercourier.test", "The Ember Courier", "news", "news", ("news",), "/news/{year}/{slug}-{n}.html",
         "/images/{year}/{x}.{ext}", image_host="static.embercourier.test", refer="absolute", chunked=True),
    Site("oberlinden.test", "Gemeinde Oberlinden", "townhall", "townhall_en", ("townhall",),
         "/de/aktuelles/{n}.htm",
         "/fileadmin/bilder/{word} {n}.{ext}", refer="base", charset="latin1", language="de", foreign_share=0.7,
         foreign_prose="townhall"),
    Site("opendrum.example", "Opendrum", "encyclopaedia", "encyclopaedia", ("encyclopaedia",),
         "/wiki/{slug}_{n}",
         "/upload/{x:.1}/{x:.2}/{x}_{n}.{ext}", refer="protocol", image_host="upload.opendrum.example",
         coding="gzip", chunked=True),
    Site("driftboard.test", "Driftboard", "forum", "forum", ("forum",), "/viewtopic.php?f=3&t={n}",
         "/attach/{n}_{word}.{ext}", refer="relative", charset="latin1_as_utf8"),
    Site("quietframes.test", "Quiet Frames", "photoblog", "photoblog", ("photoclub", "blog"),
         "/journal/{slug}-{n}",
         "/frames/{year}/roll-{n}.{ext}", lazy="data-lazy-src", lazy_share=0.6, coding="br"),
    Site("carnets-sauvelle.example", "Les Carnets de Sauvelle", "notebook", "carnets_en", ("diary", "blog"),
         "/carnet/{n}-{slug}",
         "/photos/{year}/photo {n}, {word}.{ext}", charset="utf8_as_latin1_meta", language="fr", foreign_share=0.6,
         foreign_prose="carnets", entities=True),
    Site("makeitplain.example", "Make It Plain", "howto", "howto", ("howto",), "/projects/{slug}/{n}.html",
         "/assets/steps/{x}.{ext}", refer="relative", charset="meta_only"),
    Site("littleowlshelf.example", "The Little Owl Shelf", "children", "children", ("children",),
         "/books/{n}/{slug}.html",
         "/pictures/{word}_{n}.{ext}", charset="utf8_as_latin1", refer="base"),
    Site("hallamrook.test", "Hallam Rook Auctions", "auction", "auction", ("auction",),
         "/sale/{year}/page{n}.aspx",
         "/lots/{x}/{n}.{ext}", image_host="cdn.hallamrook.test", refer="absolute", coding="deflate",
         lazy="data-src", lazy_share=0.2),
    Site("fenland-fieldnotes.example", "Fenland Field Notes", "fieldnotes", "fieldnotes", ("fieldnotes",),
         "/log/{year}/{n}.html",
         "/log/pics/DSC{n:05}.{ext}", refer="relative", charset="none"),
    Site("mercadolunares.test", "Mercado Lunares", "market", "mercado_en", ("auction", "shop"),
         "/puestos/{n}/{slug}",
         "/img/{x}.{ext}?v={n}", charset="meta_only", coding="gzip", language="es", foreign_share=0.5,
         foreign_prose="mercado"),
)  # fmt: skip


def sites_of(sample: Sample) -> list[Site]:
    """The sites of this sample, each with its share of the pages and images, in a fixed order.

    Beyond the fourteen, sites come again under other domains, with the templates they had.
    """
    chosen = []
    for number in range(sample.sites):
        turn, place = divmod(number, len(SITES))
        site = SITES[place]
        if turn:
            stem, _, suffix = site.domain.partition(".")
            domain = f"{stem}-{turn + 1}.{suffix}"
            host = site.image_host.replace(site.domain, domain)
            site = replace(site, domain=domain, image_host=host, title=f"{site.title} {turn + 1}")
        pages, images = (_share(total, number, sample.sites) for total in (sample.pages, sample.images))
        chosen.append(replace(site, number=number, pages=pages, images=images))
    return chosen


def random_of(sample: Sample, site: Site, purpose: str) -> random.Random:
    """A stream of its own for each purpose, so that a change of one leaves the others as they are."""
    return random.Random(f"{sample.seed}/{site.domain}/{purpose}")


def _share(total: int, number: int, sites: int) -> int:
    """The part of `total` that falls to one of the sites; the parts add up."""
    return total * (number + 1) // sites - total * number // sites
