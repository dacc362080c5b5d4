import base64

import pytest

from webpairs.image.urls import canonical, data_bytes, kind, match


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.example/x.png", "web"),
        ("HTTPS://a.example/x.png", "web"),
        ("http://a.example:8080/x.png", "web"),
        ("http://[2001:db8::1]/x.png", "web"),
        ("data:image/png;base64,AA", "data"),
        ("DATA:,x", "data"),
        ("ftp://a.example/x.png", "unsupported_scheme"),
        ("file:///etc/passwd", "unsupported_scheme"),
        ("javascript:alert(1)", "unsupported_scheme"),
        ("", "bad_url"),
        ("/x.png", "bad_url"),
        ("http://", "bad_url"),
        ("http://a.example:99999/x.png", "bad_url"),
        ("http://[::1/x.png", "bad_url"),
    ],
)
def test_what_a_url_is(url: str, expected: str) -> None:
    assert kind(url) == expected


@pytest.mark.parametrize(
    ("wanted", "archived", "how"),
    [
        ("http://a.example/x.png", "http://a.example/x.png", "exact"),
        ("http://a.example/x.svg#logo", "http://a.example/x.svg", "fragment"),
        ("https://a.example/x.png", "http://a.example/x.png", "scheme"),
        ("http://a.example/x.png#a", "https://a.example/x.png", "scheme"),
        ("http://a.example/a b.png", "http://a.example/a%20b.png", "escaping"),
        ("http://a.example/%7Ekim/%c3%a9.png", "http://a.example/~kim/é.png", "escaping"),
        ("http://A.example:80/x.png", "http://a.example/x.png", "escaping"),
        ("http://a.example/x?a=1&amp;b=2", "https://a.example/x?a=1&b=2", "escaping"),
        ("http://bücher.example/x.png", "http://xn--bcher-kva.example/x.png", "escaping"),
        ("http://a.example", "http://a.example/", "escaping"),
    ],
)
def test_urls_of_the_same_image_meet(wanted: str, archived: str, how: str) -> None:
    assert canonical(wanted) == canonical(archived)
    assert match(wanted, archived) == how


@pytest.mark.parametrize(
    "other",
    [
        "http://b.example/x.png?v=1",
        "http://a.example/y.png?v=1",
        "http://a.example/x.png",
        "http://a.example/x.png?v=2",
        "http://a.example:8080/x.png?v=1",
        "http://a.example/X.png?v=1",
        "http://[broken/x.png?v=1",
    ],
)
def test_other_urls_do_not(other: str) -> None:
    assert canonical("http://a.example/x.png?v=1") != canonical(other)


@pytest.mark.parametrize(
    ("uri", "content"),
    [
        ("data:image/png;base64," + base64.b64encode(b"image").decode(), b"image"),
        ("data:image/png;charset=x; BASE64 ,aW1h\n Z2U", b"image"),
        ("data:image/png;base64,aW1hZ2U%3D", b"image"),
        ("data:,a%20b", b"a b"),
        ("data:image/svg+xml,<svg/>", b"<svg/>"),
        ("data:image/png;base64,!!!", None),
        ("data:image/png;base64,a", None),
        ("data:image/png", None),
    ],
)
def test_data_uris(uri: str, content: bytes | None) -> None:
    assert data_bytes(uri, 1000) == content


def test_a_huge_data_uri_is_not_decoded_whole() -> None:
    content = data_bytes("data:image/png;base64," + "A" * 10_000_000, 1000)
    assert content is not None
    assert 1000 < len(content) < 5000
