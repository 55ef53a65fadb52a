"""
Addresses to listen at.
"""

import pytest
from canarypolicy.telemetry.address import ListenAddress, parse_listen_address

GOOD = [
    ("127.0.0.1:9464", "127.0.0.1", 9464, True),
    ("localhost:0", "127.0.0.1", 0, True),
    ("[::1]:9464", "::1", 9464, True),
    ("0.0.0.0:65535", "0.0.0.0", 65535, False),
    ("[::]:9464", "::", 9464, False),
    ("10.0.0.5:1", "10.0.0.5", 1, False),
]


@pytest.mark.parametrize(("text", "host", "port", "is_loopback"), GOOD)
def test_an_address_is_read_and_written_alike(text, host, port, is_loopback):
    address = parse_listen_address(text)
    assert address == ListenAddress(host=host, port=port)
    assert address.is_loopback is is_loopback
    assert str(address) == text.replace("localhost", "127.0.0.1")


FORM = "expected ADDRESS:PORT, such as `127.0.0.1:9464` or `[::1]:9464`"
BAD = [
    ("9464", f"`9464` names no address or no port: {FORM}"),
    (":9464", f"`:9464` names no address or no port: {FORM}"),
    ("::1", f"`::1` is not an address and a port: {FORM}"),
    ("[::1]", f"`[::1]` is not an address and a port: {FORM}"),
    ("[::1:9464", f"`[::1:9464` is not an address and a port: {FORM}"),
    ("shop.example:9464", f"`shop.example` in `shop.example:9464` is not an IP address: {FORM}"),
    ("127.0.0.1:65536", "`65536` is not a port: expected 0 to 65535"),
    ("127.0.0.1:", "`` is not a port: expected 0 to 65535"),
    ("127.0.0.1:-1", "`-1` is not a port: expected 0 to 65535"),
    ("127.0.0.1:٣", "`٣` is not a port: expected 0 to 65535"),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_what_is_no_address_is_refused(text, message):
    with pytest.raises(ValueError) as caught:
        parse_listen_address(text)
    assert str(caught.value) == message
