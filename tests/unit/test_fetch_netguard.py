"""Which addresses may be asked: the guard against an oracle, and URLs taken apart."""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.netguard import AddressGuard, Refused, is_loopback, literal_problem, mapped_endpoint, parse_target

PUBLIC = AddressGuard()
PRIVATE = AddressGuard(allow_private=True)

OPEN = (
    "1.1.1.1 8.8.8.8 93.184.215.14 100.63.255.255 100.128.0.0 172.15.0.1 172.32.0.1 2606:4700::1111 "
    "2a00:1450:4003:80c::200e"
).split()
LIFTED = ("127.0.0.1 10.0.0.1 192.168.0.1 172.16.9.9 100.64.0.1 ::1 fd00::1 ::ffff:10.0.0.1 64:ff9b::10.0.0.1").split()
SHUT = (
    "169.254.169.254 fe80::1 fe80::1%eth0 224.0.0.251 ff02::1 255.255.255.255 240.0.0.1 "
    "::ffff:169.254.169.254 2002:a9fe:a9fe::1 192.0.2.1"
).split()

ipv4 = st.integers(0, 2**32 - 1).map(IPv4Address)
inside4 = st.one_of(
    *[
        st.integers(int(n.network_address), int(n.broadcast_address)).map(IPv4Address)
        for n in map(
            ipaddress.IPv4Network,
            ["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
             "192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4"],
        )
    ]
)  # fmt: skip


@given(ipv4)
def test_no_ipv4_address_passes_that_the_standard_library_calls_inside(ip: IPv4Address) -> None:
    """An oracle beside our own list: whatever ipaddress knows as private or special does not pass."""
    special = ip.is_private or ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_reserved
    if special or not ip.is_global:
        assert PUBLIC.problem(str(ip), 80)


@given(inside4)
def test_inside_ipv4_is_blocked_in_every_ipv6_disguise(ip: IPv4Address) -> None:
    """Mapped, NAT64, 6to4 and compatible forms of an inside address are blocked as it is itself."""
    n = int(ip)
    disguises = [
        f"::ffff:{ip}",
        f"64:ff9b::{ip}",
        str(IPv6Address((0x2002 << 112) | (n << 80) | 1)),
        str(IPv6Address(n)),
    ]
    for address in [str(ip), *disguises]:
        assert PUBLIC.problem(address, 443), address


@given(st.integers(0, 2**128 - 1).map(IPv6Address))
def test_only_global_unicast_ipv6_passes(ip: IPv6Address) -> None:
    """An IPv6 address that passes lies in 2000::/3 and is global to the standard library too."""
    if PUBLIC.problem(str(ip), 443) is None:
        assert ip in ipaddress.IPv6Network("2000::/3")
        assert ip.is_global


@pytest.mark.parametrize("ip", OPEN)
def test_public_addresses_pass(ip: str) -> None:
    """The guard lets the web through, right up to the edges of the blocks."""
    assert PUBLIC.problem(ip, 443) is None
    assert PRIVATE.problem(ip, 443) is None


@pytest.mark.parametrize("ip", LIFTED)
def test_private_addresses_pass_with_the_switch_only(ip: str) -> None:
    """--allow-private-network opens this machine and the local network."""
    assert PUBLIC.problem(ip, 80)
    assert PRIVATE.problem(ip, 80) is None


@pytest.mark.parametrize("ip", SHUT)
def test_link_local_multicast_and_reserved_stay_shut(ip: str) -> None:
    """No switch opens the metadata address of a cloud, broadcast or multicast."""
    assert PUBLIC.problem(ip, 80)
    assert PRIVATE.problem(ip, 80)


def test_an_exception_is_one_address_and_port() -> None:
    """What is let through by name is let through on that port only."""
    guard = AddressGuard(exceptions=frozenset({("127.0.0.1", 8081)}))
    assert guard.problem("127.0.0.1", 8081) is None
    assert guard.problem("127.0.0.1", 8082)
    assert guard.problem("127.0.0.2", 8081)


@given(st.text(max_size=40))
def test_what_is_no_address_does_not_pass(text: str) -> None:
    """The guard fails closed."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        assert PUBLIC.problem(text, 80)
        assert PRIVATE.problem(text, 80)


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("HTTPS://Diario.Example", "https://diario.example/"),
        ("https://diario.example:443/a?b#c", "https://diario.example/a?b"),
        ("http://diario.example:8080/a/../b", "http://diario.example:8080/b"),
        ("http://diario.example/../a/./b/%2E%2e/c/..", "http://diario.example/a/"),
        ("http://diario.example//a//b/", "http://diario.example//a//b/"),
        ("http://diario.example/a/...b", "http://diario.example/a/...b"),
        ("http://diario.example./a", "http://diario.example/a"),
        ("http://año.example/ñ?q=á b", "http://xn--ao-zja.example/%C3%B1?q=%C3%A1%20b"),
        ("http://diario.example/100%25/%7Ea", "http://diario.example/100%25/%7Ea"),
        ("http://[2606:4700:0::1111]:81/", "http://[2606:4700::1111]:81/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("  http://diario.example/x\n", "http://diario.example/x"),
    ],
)
def test_an_address_is_normalised(url: str, normal: str) -> None:
    """One spelling for spacing, robots and the request."""
    assert parse_target(url).url == normal


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://diario.example/", "blocked_scheme"), ("file:///etc/passwd", "blocked_scheme"),
        ("//x", "blocked_scheme"),
        ("javascript:alert(1)", "blocked_scheme"), ("", "blocked_scheme"), ("diario.example/feed", "blocked_scheme"),
        ("http:///x", "bad_url"), ("http://a@b.example/", "bad_url"), ("http://a:b@b.example/", "bad_url"),
        ("http://evil.example\\@good.example/", "bad_url"), ("http://a b.example/", "bad_url"),
        ("http://a.example:0/", "bad_url"), ("http://a.example:70000/", "bad_url"), ("http://a.example:x/", "bad_url"),
        ("http://a.exa\tmple/", "bad_url"), ("http://a.example/\x00", "bad_url"), ("http://[::1/", "bad_url"),
        ("http://[v1.x]/", "bad_url"), ("http://1.2.3.4.5/", "bad_url"), ("http://a..example/", "bad_url"),
        ("http://" + "a" * 70 + ".example/", "bad_url"), ("http://a.example/" + "a" * 9000, "bad_url"),
        ("http://256.1.1.1/", "bad_url"),
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_refused_with_its_reason(url: str, reason: str) -> None:
    """Refusal names scheme or address as the fault."""
    with pytest.raises(Refused) as caught:
        parse_target(url)
    assert caught.value.reason == reason


@given(st.text(max_size=60), st.sampled_from(["", "http://", "https://", "//", "http://a.example/", "http://[", "/"]))
def test_any_location_is_taken_apart_or_refused(text: str, start: str) -> None:
    """No string makes the parser raise anything but Refused, and what it returns parses to itself."""
    base = parse_target("https://diario.example/seccion/nota")
    try:
        target = parse_target(start + text, base)
    except Refused as refused:
        assert refused.reason in {"bad_url", "blocked_scheme"}
    else:
        assert parse_target(target.url) == target
        assert target.url.isascii()


def test_lanes_and_origins() -> None:
    """http and https of a host share their spacing but not their robots.txt; another port is another server."""
    a, b, c = (parse_target(u) for u in ("http://a.example/", "https://a.example/", "http://a.example:8080/"))
    assert a.lane == b.lane == "a.example"
    assert c.lane == "a.example:8080"
    assert len({a.origin, b.origin, c.origin}) == 3


def test_literal_addresses_are_judged_before_any_lookup() -> None:
    """An IP address in the URL has no DNS answer to wait for."""
    assert literal_problem(parse_target("http://0177.1/"), PUBLIC)
    assert literal_problem(parse_target("http://[::ffff:7f00:1]/"), PUBLIC)
    assert literal_problem(parse_target("http://localhost/"), PUBLIC) is None  # DNS decides, then the guard


def test_mapped_hosts() -> None:
    """`resolve` gives address and port, IPv6 in brackets; hosts mapped to loopback count as loopback."""
    resolve = {"a.example": "127.0.0.1:81", "b.example": "[::1]:82", "c.example": "proxy.interno:83"}
    assert [mapped_endpoint(h, resolve) for h in [*resolve, "d.example"]] == [
        ("127.0.0.1", 81), ("::1", 82), ("proxy.interno", 83), None,
    ]  # fmt: skip
    hosts = (*resolve, "d.example", "localhost", "x.localhost", "127.9.9.9")
    local = [host for host in hosts if is_loopback(parse_target(f"http://{host}/"), resolve)]
    assert local == ["a.example", "b.example", "localhost", "x.localhost", "127.9.9.9"]
