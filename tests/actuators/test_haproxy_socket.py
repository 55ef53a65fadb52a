from time import monotonic

import pytest
from canarypolicy.actuators.haproxy_socket import TcpAddress, UnixAddress, ask, parse_address
from canarypolicy.live.protocols import NotDone

from haproxy_fakes import FakeBadHaproxy, FakeHaproxy, break_off, flood, hang_up, reset, say_a_bit_now_and_then, say_nothing


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("/run/haproxy/admin.sock", UnixAddress("/run/haproxy/admin.sock")),
        ("unix@/run/admin.sock", UnixAddress("/run/admin.sock")),
        ("tcp://127.0.0.1:9999", TcpAddress("127.0.0.1", 9999)),
        ("tcp://proxy.example:9999", TcpAddress("proxy.example", 9999)),
        ("ipv4@127.0.0.1:1", TcpAddress("127.0.0.1", 1)),
        ("ipv6@[::1]:65535", TcpAddress("::1", 65535)),
        ("tcp://127.0.0.1", None),
        ("tcp://127.0.0.1:0", None),
        ("tcp://127.0.0.1:65536", None),
        ("tcp://user@host:1", None),
        ("tcp://::1:1", None),
        ("127.0.0.1:9999", None),
        ("admin.sock", None),
        ("/with\0zero", None),
        ("", None),
    ],
)
def test_addresses(text, address):
    """As HAProxy writes them, and as a URL."""
    assert parse_address(text) == address


def asked(text, line="get weight shop/v1", seconds=5.0):
    return ask(parse_address(text), line, monotonic() + seconds)


def test_an_answer_is_given_whole():
    """One connection a command."""
    fake = FakeHaproxy(v1=90, v2=10)
    with fake.serving() as address:
        assert asked(address) == "90 (initial 1)\n\n"
        assert asked(address, "set server shop/v1 weight 5") == "\n"
    assert fake.commands == ["get weight shop/v1", "set server shop/v1 weight 5"]


@pytest.mark.parametrize("respond", [say_nothing, say_a_bit_now_and_then])
def test_an_answer_that_does_not_end_is_too_late(respond):
    """The limit is for the whole, not for each byte."""
    with FakeBadHaproxy(respond).serving() as address, pytest.raises(TimeoutError):
        asked(address, seconds=0.3)


def test_no_time_left_is_too_late():
    """Nothing is sent then."""
    fake = FakeHaproxy(v1=1)
    with fake.serving() as address, pytest.raises(TimeoutError):
        asked(address, seconds=0)
    assert fake.commands == []


@pytest.mark.parametrize(
    ("respond", "why"),
    [
        (hang_up, "no answer from HAProxy: it hung up without one"),
        (reset, "no answer from HAProxy: the connection was broken off"),
        (flood, "the answer of HAProxy is larger than 16 MiB"),
    ],
)
def test_bad_answers(respond, why):
    """Each with a reason of its own, none with the address."""
    with FakeBadHaproxy(respond).serving() as address, pytest.raises(NotDone) as raised:
        asked(address)
    assert raised.value.why == why


def test_what_was_sent_before_it_hung_up_is_for_the_reader_to_judge():
    """The socket does not know what a whole answer is."""
    with FakeBadHaproxy(break_off).serving() as address:
        assert asked(address) == "10 (ini"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("tcp://127.0.0.1:1", "no answer from HAProxy: connection refused"),
        ("tcp://nowhere.invalid:1", "no answer from HAProxy: its name cannot be resolved"),
        ("/nowhere/admin.sock", "no answer from HAProxy: its socket is not there"),
        ("/" + 200 * "x", "no answer from HAProxy: its socket cannot be used"),
    ],
)
def test_no_connection(text, why):
    """Why is said without the address, which may be a secret."""
    with pytest.raises(NotDone) as raised:
        asked(text)
    assert raised.value.why == why


def test_bytes_that_are_no_text_are_still_read():
    """They are shown as signs, never raised."""

    def garbage(connection, over):
        connection.recv(1000)
        connection.sendall(b"\xff\xfe\n\n")

    with FakeBadHaproxy(garbage).serving() as address:
        assert asked(address) == "��\n\n"
