import ipaddress

import pytest

from webpairs.errors import WebpairsError
from webpairs.image.network import allowed_private, is_public


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_internet(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "192.0.0.8",
        "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fc00::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::",
    ],
)  # fmt: skip
def test_all_others(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


def test_private_addresses_may_be_allowed_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEBPAIRS_ALLOW_PRIVATE", raising=False)
    assert allowed_private() == frozenset()
    monkeypatch.setenv("WEBPAIRS_ALLOW_PRIVATE", "127.0.0.1, ::1")
    assert allowed_private() == {ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")}
    monkeypatch.setenv("WEBPAIRS_ALLOW_PRIVATE", "localhost")
    with pytest.raises(WebpairsError, match="WEBPAIRS_ALLOW_PRIVATE is 'localhost'"):
        allowed_private()
