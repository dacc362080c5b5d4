"""What pages are made of, before any HTML."""

from dataclasses import dataclass, field

from markupsafe import Markup

from webpairs.scenes import Scene

# Places where the true description of an image can stand, with the share of the images.
PLACES = {
    "alt_only": 0.10,
    "figcaption": 0.17,
    "just_before": 0.15,
    "just_after": 0.16,
    "deep": 0.15,
    "name": 0.13,
    "nowhere": 0.14,
}
# What the alt attribute holds, for images whose description stands in the page's text. Of the gold set's described
# images 23 of 142 have an alt text of three words or more that no sentence says: `otherwise`.
ALT_KINDS = {
    "description": 0.30,
    "file_name": 0.12,
    "keywords": 0.08,
    "short": 0.10,
    "empty": 0.09,
    "missing": 0.09,
    "paraphrase": 0.07,
    "otherwise": 0.15,
}
HELD_OUT_SHARE = 0.45
PAGES_WITHOUT_IMAGE = 0.06


@dataclass(slots=True)
class Picture:
    """A content image on a page: what it shows, and which texts stand where."""

    scene: Scene
    place: str
    alt_kind: str
    description: str = ""  # the true one, as it stands in the text (or in alt, for alt_only)
    alt: str | None = None
    caption: str = ""  # the true description, something else, or nothing
    label: str = ""  # what the text calls the picture, where its caption says so: `Figure 12`
    url: str = ""  # absolute, as a careful reader resolves it
    urls: tuple[str, ...] = ()  # all that show this image, `url` first
    state: str = "whole"  # of its file: see pictures.STATES
    form: str = "plain"  # how the element is written: plain, srcset, picture
    html: Markup = field(default_factory=Markup)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a list of facts (kind `facts`) or bullets (kind `bullets`)."""

    kind: str
    text: str = ""
    items: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        """Characters that a reader sees."""
        return len(self.text) + sum(len(item) for item in self.items)


@dataclass(slots=True)
class Section:
    """A stretch of a page: a heading, texts, at most one picture, texts."""

    heading: str = ""
    before: list[Block] = field(default_factory=list)
    picture: Picture | None = None
    after: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class Chrome:
    """An image that is no content: icon, tracker or decoration."""

    role: str
    url: str
    html: Markup


@dataclass(slots=True)
class Page:
    """A page of a site. Its sections stand in reading order."""

    number: int
    path: str
    url: str
    language: str
    title: str
    sections: list[Section]
    logo: Chrome | None = None
    icons: list[Chrome] = field(default_factory=list)
    tracker: Chrome | None = None
    nav: list[str] = field(default_factory=list)
    related: list[tuple[str, str]] = field(default_factory=list)
    footer: str = ""
    meta: str = ""

    @property
    def pictures(self) -> list[Picture]:
        """The content images, in reading order."""
        return [section.picture for section in self.sections if section.picture is not None]

    @property
    def chrome(self) -> list[Chrome]:
        """The other images."""
        return [image for image in (self.logo, *self.icons, self.tracker) if image is not None]
