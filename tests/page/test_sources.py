"""Which URL an image stands for."""

import pytest

from webpairs.page.sources import URLS_AT_MOST, Attributes, Source, backgrounds, entries, larger, sources

PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP"


@pytest.mark.parametrize(
    ("image", "picture", "expected"),
    [
        ({"src": "a.png", "data-src": "b.png"}, (), ("a.png", "src")),
        ({"src": PIXEL, "data-src": "/b.png"}, (), ("/b.png", "data-src")),
        ({"src": "img/blank.gif", "data-original": "/b.png"}, (), ("/b.png", "data-original")),
        ({"src": "/lazy-placeholder.svg", "data-lazy-src": "/b.png"}, (), ("/b.png", "data-lazy-src")),
        ({"src": "/portrait_by_x_pixelio.jpg", "data-src": "/b.png"}, (), ("/portrait_by_x_pixelio.jpg", "src")),
        ({"srcset": "s.png 1x, l.png 2x"}, (), ("l.png", "srcset")),
        ({"data-srcset": "s.png 300w, l.png 900w"}, (), ("l.png", "data-srcset")),
        ({"src": PIXEL}, ({"srcset": "p.webp"},), ("p.webp", "source srcset")),
        ({"src": PIXEL, "data-zeen-src": "/x/b.jpg?w=1"}, (), ("/x/b.jpg?w=1", "data-zeen-src")),
        ({"src": PIXEL, "data-src": '{"a": 1}'}, (), (PIXEL, "src")),
        ({"src": "blank.gif"}, (), ("blank.gif", "src")),
        ({"src": None, "alt": "x"}, (), None),
        ({"src": "a,b.jpg"}, (), ("a,b.jpg", "src")),
        # Named as only placeholders are.
        *(
            ({"src": f"/x/{name}", "data-src": "/b.png"}, (), ("/b.png", "data-src"))
            for name in (
                "1x1.trans.gif",
                "lazy-l.png",
                "transparent-1x1-2cd8bde463.png",
                "loading-data.gif",
                "x-fallback.svg",
            )
        ),
        *(
            ({"src": f"/x/{name}", "data-src": "/b.png"}, (), (f"/x/{name}", "src"))
            for name in ("lazy-boat.png", "transparent-boat.png", "loading-dock.jpg", "grey-facade.jpg")
        ),
        # What ends in src holds a URL, whatever it looks like; of an address only an image's file counts.
        ({"data-lsrc": "https://i.example/c21hbGw", "alt": "x"}, (), ("https://i.example/c21hbGw", "data-lsrc")),
        ({"data-lsrc": "https://i.example/c21hbGw", "data-src": "a.png"}, (), ("a.png", "data-src")),
        ({"data-lsrc": "1"}, (), None),
        ({"data-video-src": "/x/a.mp4"}, (), None),
        ({"data-url": "/article/5.html"}, (), None),
        ({"data-url": "/x/a.png"}, (), ("/x/a.png", "data-url")),
        # URLs amid other words, where there is nothing else.
        ({"src": "blank.gif", "data-lazy": "[/s.jpg, (small)], [/m.jpg, (large)]"}, (), ("/s.jpg", "data-lazy")),
        (
            {"src": "blank.gif", "data-image-size": "xs::https://x.example/a.jpg"},
            (),
            ("https://x.example/a.jpg", "data-image-size"),
        ),
        ({"src": "blank.gif", "data-img": '{"x": "/a.jpg", "y": 1}'}, (), ("/a.jpg", "data-img")),
        ({"src": "a.png", "data-lazy": "[/s.jpg, (small)]"}, (), ("a.png", "src")),
        ({"src": "blank.gif", "data-lazy": "[/blank.gif, (small)]"}, (), ("blank.gif", "src")),
    ],
)
def test_source(image: Attributes, picture: tuple[Attributes, ...], expected: tuple[str, str] | None) -> None:
    found = sources(image, picture)
    assert (found[0][:2] if found else None) == expected


def test_a_long_data_uri_is_an_image_of_its_own() -> None:
    uri = "data:image/png;base64," + "A" * 5000
    assert [one.url for one in sources({"src": uri, "data-src": "/b.png"})] == [uri, "/b.png"]


def test_all_urls_in_order_of_preference() -> None:
    found = sources(
        {"src": "small.png", "data-src": "real.png", "srcset": "a,1.png 100w, b.png 300w", "data-other-src": "/o.jpg"},
        ({"srcset": "p.webp 2x, q.webp"}, {"data-srcset": "r.webp 900w"}),
    )
    assert found == [
        Source("small.png", "src"),
        Source("real.png", "data-src"),
        Source("/o.jpg", "data-other-src"),
        Source("b.png", "srcset", 300),
        Source("a,1.png", "srcset", 100),
        Source("p.webp", "source srcset"),
        Source("q.webp", "source srcset"),
        Source("r.webp", "source data-srcset", 900),
    ]


def test_there_are_not_more_urls_than_the_bound() -> None:
    assert len(sources({"srcset": ", ".join(f"{number}.png {number}w" for number in range(1000))})) == URLS_AT_MOST


@pytest.mark.parametrize(
    ("href", "is_image"),
    [
        ("/large.JPG", True),
        (" a/b.webp?x=1#y ", True),
        ("/wiki/File:Boat.jpg", False),
        ("/wiki/Imachen:Boat.jpg?x=y", False),
        ("/wiki/%D0%A4%D0%B0%D0%B9%D0%BB:Boat.jpg", False),
        ("/wiki/Fichier%3aBoat.jpg", False),
        ("/wiki/Special:FilePath/Boat.jpg", True),
        ("/wiki/images/Boat.jpg", True),
        ("/page.html", False),
        ("a b.jpg", False),
        (None, False),
    ],
)
def test_links_to_larger_versions(href: str | None, is_image: bool) -> None:
    assert [one.url for one in larger(href)] == ([str(href).strip()] if is_image else [])


def test_backgrounds_of_a_style() -> None:
    style = "color: red; background: #fff url('a b.jpg') no-repeat; background-image:url(\"c.png\"); background: url(x)"
    assert [one.url for one in backgrounds({"style": style})] == ["a b.jpg", "c.png", "x"]


@pytest.mark.parametrize(
    ("attributes", "found"),
    [
        ({"data-bg": "/a.jpg"}, [("/a.jpg", "data-bg")]),
        ({"data-bg": "url('/a.jpg')"}, [("/a.jpg", "data-bg")]),
        (
            {"data-background-image": "a.jpg", "style": "background:url(b.jpg)"},
            [("b.jpg", "style"), ("a.jpg", "data-background-image")],
        ),
        ({"background": " tile.gif "}, [("tile.gif", "background")]),
        ({"background": "blank.gif"}, []),
        ({"data-bg": "dark", "background": "#fff"}, []),
    ],
)
def test_backgrounds_of_other_attributes(attributes: Attributes, found: list[tuple[str, str]]) -> None:
    assert [source[:2] for source in backgrounds(attributes)] == found


@pytest.mark.parametrize(
    ("srcset", "urls"),
    [
        ("a,b.png 1x, c,d.png 2x", ["c,d.png", "a,b.png"]),
        ("a.png, b.png", ["a.png", "b.png"]),
        ("a.png 100w,b.png 200w", ["b.png", "a.png"]),
        ("a.png 100w,\n  b.png 200w", ["b.png", "a.png"]),
        ("  ", []),
        ("data:image/gif;base64,AA 1x", []),
        (",,,", []),
    ],
)
def test_entries(srcset: str, urls: list[str]) -> None:
    assert [one.url for one in entries(srcset, "srcset")] == urls
