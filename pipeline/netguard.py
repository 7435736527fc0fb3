"""Which web addresses may be asked at all, and which IP addresses a connection may go to. Pure; opens nothing.

Feeds and pages name addresses that strangers chose, so two questions stand before every hop: is this a plain http(s)
URL (`parse_target`), and is the IP address that the socket is about to connect to a public one (`AddressGuard`)? The
second is asked of the address after DNS, in the resolver and again where the socket is made (`pipeline.transport`), so
that neither a redirect nor a name that changes its answer leads inside.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urljoin, urlsplit

MAX_URL_CHARS = 8_000
"""Longer addresses are refused: servers refuse them too, and feeds that hold them are broken."""

_IPv4 = ipaddress.IPv4Address
_IPv6 = ipaddress.IPv6Address

# IANA special-purpose registries, https://www.iana.org/assignments/iana-ipv4-special-registry/ and …-ipv6-…. Spelled
# out because `ipaddress.is_private` answers differently between patch releases of Python 3.11.
_NETWORKS = {
    # of clouds that keep it elsewhere than at a link-local address: Azure, AWS over IPv6, Alibaba
    "cloud metadata": "168.63.129.16/32 fd00:ec2::254/128 100.100.100.200/32",
    "private": "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 fec0::/10",
    "loopback": "127.0.0.0/8 ::1/128",
    "unspecified": "0.0.0.0/8 ::/128",
    "carrier-grade NAT": "100.64.0.0/10",
    "link-local": "169.254.0.0/16 fe80::/10",
    "multicast": "224.0.0.0/4 ff00::/8",
    "reserved": (
        "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 "
        "::/96 64:ff9b:1::/48 2001::/32 100::/64 2001:2::/48 "
        "2001:10::/28 2001:20::/28 2001:db8::/32 3fff::/20 5f00::/16"
    ),
}
_LIFTED = frozenset({"private", "loopback", "unspecified", "carrier-grade NAT"})
"""What ``allow_private_network`` lifts. Cloud metadata and link-local stay shut, as do multicast and reserved ones."""

_BLOCKED = tuple((ipaddress.ip_network(net), name) for name, nets in _NETWORKS.items() for net in nets.split())
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")

# IPv6 addresses that stand for an IPv4 one: (network, name, how far right the 32 bits begin)
_EMBEDDED = (
    (ipaddress.ip_network("::ffff:0:0/96"), "IPv4-mapped", 0),
    (ipaddress.ip_network("64:ff9b::/96"), "NAT64", 0),
    (ipaddress.ip_network("2002::/16"), "6to4", 80),
)


class Refused(Exception):
    """An address that is not asked: ``reason`` is a code of `pipeline.reasons`, ``detail`` says what is wrong."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Target:
    """An http(s) address taken apart: the same parts decide on robots, spacing and where to connect.

    ``host`` is lower-case ASCII without brackets or trailing dot, ``path`` begins with ``/`` and holds the query.
    """

    scheme: Literal["http", "https"]
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The Host header: host, and port where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme and authority: what one robots.txt speaks for (RFC 9309, 2.3)."""
        return f"{self.scheme}://{self.authority}"

    @property
    def url(self) -> str:
        """The whole address, without fragment."""
        return self.origin + self.path

    @property
    def lane(self) -> str:
        """What spacing is kept for: the host, http and https alike; other ports are other servers."""
        return self.host if self.port in {80, 443} else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """Decides whether a socket may connect to an IP address and port.

    ``exceptions`` are (address, port) pairs that are allowed whatever they are.
    """

    allow_private: bool = False
    exceptions: frozenset[tuple[str, int]] = frozenset()

    def problem(self, address: str, port: int) -> str | None:
        """Return why no connection may go to ``address`` (an IP address in any textual form), or None if it may."""
        if (address, port) in self.exceptions:
            return None
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return f"{address} is not an IP address"
        kind = self._kind(ip)
        return f"{address} is {kind}" if kind else None

    def _kind(self, ip: _IPv4 | _IPv6) -> str | None:
        if isinstance(ip, _IPv6):
            if ip.scope_id is not None:
                return "link-local"
            for net, name, shift in _EMBEDDED:
                if ip in net:
                    inner = _IPv4((int(ip) >> shift) & 0xFFFFFFFF)
                    return self._kind(inner) if self.allow_private else f"{name} ({inner})"
        for network, name in _BLOCKED:
            if ip.version == network.version and ip in network:
                return None if self.allow_private and name in _LIFTED else name
        if isinstance(ip, _IPv6) and ip not in _GLOBAL_UNICAST:
            return "reserved"
        return None


def parse_target(url: str, base: Target | None = None) -> Target:
    """Take ``url`` (relative to ``base`` where given) apart.

    Raises Refused: ``blocked_scheme`` for anything but http and https, ``bad_url`` for what is no usable address.
    """
    url = url.strip(" \t\r\n\f")
    if len(url) > MAX_URL_CHARS:
        raise Refused("bad_url", f"address of {len(url)} characters")
    if re.search(r"[\x00-\x1f\x7f]", url):
        raise Refused("bad_url", "control character in the address")
    try:
        parts = urlsplit(urljoin(base.url, url) if base else url)
        port = parts.port
    except ValueError as error:
        raise Refused("bad_url", f"{error}: {url[:200]}") from error
    scheme = parts.scheme.lower()
    if scheme not in {"http", "https"}:
        raise Refused("blocked_scheme", f"{scheme or 'no'} scheme in {url[:200]!r}")
    if "@" in parts.netloc:
        raise Refused("bad_url", "user name in the address")
    if port == 0:
        raise Refused("bad_url", "port 0")
    host = _clean_host(parts.hostname or "", parts.netloc)
    path = quote(_without_dots(parts.path), safe="%/:=&~+!$,;'@()*[]|", errors="surrogateescape")
    if parts.query:
        path += "?" + quote(parts.query, safe="%/:=&?~+!$,;'@()*[]|", errors="surrogateescape")
    known: Literal["http", "https"] = "https" if scheme == "https" else "http"
    return Target(known, host, port or (443 if known == "https" else 80), path)


def _clean_host(host: str, netloc: str) -> str:
    if netloc.startswith("["):
        try:
            return _IPv6(host).compressed
        except ValueError as error:
            raise Refused("bad_url", f"no IPv6 address: {netloc[:100]!r}") from error
    try:
        # The codec folds full-width and circled digits as browsers do, so "①②⑦.0.0.1" is seen for what it is.
        ascii_host = host.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError as error:
        raise Refused("bad_url", f"no host name: {netloc[:100]!r}") from error
    if not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", ascii_host):
        raise Refused("bad_url", f"no host name: {netloc[:100]!r}")
    if re.fullmatch(r"0x[0-9a-f]*|[0-9]+", ascii_host.rpartition(".")[2]):
        # 2130706433, 0x7f.1 and 0177.0.0.1 are 127.0.0.1 to the C library: spell them out, so that the guard sees them.
        try:
            return socket.inet_ntoa(socket.inet_aton(ascii_host))
        except OSError as error:
            raise Refused("bad_url", f"no host name or IPv4 address: {ascii_host[:100]!r}") from error
    return ascii_host


def _without_dots(path: str) -> str:
    """Resolve ``.`` and ``..`` (RFC 3986, 5.2.4), plain or as %2e: robots.txt is asked about the path that is meant."""
    kept: list[str] = []
    segments = path.split("/")[1:] or [""]
    for segment in segments:
        dots = segment.lower().replace("%2e", ".")
        if dots == "..":
            kept = kept[:-1]
        elif dots != ".":
            kept.append(segment)
    if segments[-1].lower().replace("%2e", ".") in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def literal_problem(target: Target, guard: AddressGuard) -> str | None:
    """Return what is wrong with the address where ``target`` names one instead of a host, else None."""
    if ":" in target.host or re.fullmatch(r"[0-9.]+", target.host):
        return guard.problem(target.host, target.port)
    return None


def mapped_endpoint(host: str, resolve: Mapping[str, str]) -> tuple[str, int] | None:
    """Return (address, port) that settings ``[fetch] resolve`` gives for ``host``, or None.

    Raises Refused("bad_url") where the setting is not ``address:port``.
    """
    value = resolve.get(host)
    if value is None:
        return None
    address, _, port = value.rpartition(":")
    address = address.removeprefix("[").removesuffix("]")
    if not address or not port.isdigit() or not 0 < int(port) < 65_536:
        raise Refused("bad_url", f"settings [fetch.resolve] {host} = {value!r}: write it as '127.0.0.1:8081'")
    return address, int(port)


def is_loopback(target: Target, resolve: Mapping[str, str]) -> bool:
    """Say whether requests to ``target`` stay on this machine: there, no spacing is needed."""
    endpoint = mapped_endpoint(target.host, resolve)
    address = endpoint[0] if endpoint else target.host
    if address == "localhost" or address.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
