"""URLs, resolved as browsers do, and registered domains."""

import pytest

from webpairs.page.urls import DATA_URI_AT_MOST, URL_AT_MOST, UrlError, registered_domain, resolve


@pytest.mark.parametrize(
    ("url", "base", "expected"),
    [
        ("a b.png", "http://x.example/d/p.html", "http://x.example/d/a%20b.png"),
        ("//cdn.x.com/a.png?x=1#f", "https://x.com/", "https://cdn.x.com/a.png?x=1"),
        ("../../../a.jpg", "http://x.com/a/b/c", "http://x.com/a.jpg"),
        ("http://x.com/a/../b.png", "http://y.com/", "http://x.com/b.png"),
        ("\\img\\a.png", "http://x.com/q/", "http://x.com/img/a.png"),
        ("é.png?q=ü", "http://x.com/", "http://x.com/%C3%A9.png?q=%C3%BC"),
        ("http://EXAMPLE.com:80/A", "http://y.com/", "http://example.com/A"),
        ("https://x.com:8443/A", "http://y.com/", "https://x.com:8443/A"),
        ("http://bücher.de/x", "http://y.com/", "http://xn--bcher-kva.de/x"),
        ("?q", "http://x.com/p/a", "http://x.com/p/a?q"),
        ("http://user:secret@x.com/a", "http://y.com/", "http://x.com/a"),
        ("a%20b%zz.png", "http://x.com/", "http://x.com/a%20b%zz.png"),
        (" /a\n b.png ", "http://x.com/", "http://x.com/a%20b.png"),
        ("http://[::1]/a", "http://x.com/", "http://[::1]/a"),
        ("a//b.png", "http://x.com/c/d", "http://x.com/c/a//b.png"),
        ("a.png?u=x@y", "http://x.com/", "http://x.com/a.png?u=x@y"),
        ("data:image/gif;base64,R0lG", "http://x.com/", "data:image/gif;base64,R0lG"),
    ],
)
def test_resolved(url: str, base: str, expected: str) -> None:
    assert resolve(url, base) == expected


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "no_url"),
        ("#top", "no_url"),
        ("javascript:void(0)", "not_http"),
        ("file:///etc/passwd", "not_http"),
        ("data:text/html,x", "not_http"),
        ("http://x y/", "bad_url"),
        ("http://[::1/a", "bad_url"),
        ("http://x.com:99999/", "bad_url"),
        ("a" * (URL_AT_MOST + 1), "url_too_long"),
        ("é" * 1000, "url_too_long"),
        ("data:image/png;base64," + "A" * DATA_URI_AT_MOST, "url_too_long"),
    ],
)
def test_not_resolved(url: str, reason: str) -> None:
    with pytest.raises(UrlError) as caught:
        resolve(url, "http://x.com/")
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("http://www.a.co.uk/x", "a.co.uk"),
        ("https://foo.github.io/", "github.io"),
        ("http://a.b.example/", "b.example"),
        ("http://example/", "example"),
        ("http://x.y.test:80/", "y.test"),
        ("http://127.0.0.1/", "127.0.0.1"),
        ("http://localhost/", "localhost"),
        ("http://a.b.unknownsuffix/", "a.b.unknownsuffix"),
        ("http://[bad/", ""),
    ],
)
def test_registered_domain(url: str, domain: str) -> None:
    assert registered_domain(url) == domain
