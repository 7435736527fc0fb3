"""Web addresses: which may be fetched, and which are the same page.

`check_url` decides from the text alone; whether the host's address may be connected to is the fetcher's guard.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit, urlunsplit

MAX_URL_CHARS = 4096

_BLANKS = re.compile(r"[\t\n\r\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\ufeff]")
_BARE_HOST = re.compile(r"www\.[^\s/?#:@]+\.[A-Za-z]{2,}(?:[/?#]|$)", re.IGNORECASE)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_PATH_SAFE = "/:@!$&'()*+,;=-._~"
_QUERY_SAFE = "/:@!$'()*,;?-._~"
_FETCH_SAFE = "/:@!$&'()*+,;=?-._~%[]|"

_TRACKING_PREFIXES = (
    "utm_", "at_", "ns_", "mc_", "mtm_", "pk_", "piwik_", "matomo_", "hsa_", "vero_", "oly_", "wt_", "fb_", "_hs",
    "rb_click", "ga_", "ml_sub", "__hs", "trk_", "itm_", "asc_",
)  # fmt: skip
_TRACKING = frozenset(
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh li_fat_id epik srsltid ref refsrc"
    " ref_src ref_url referrer referer xtor intcmp intcid cmp cmpid campaign_id icid ocid ito ftag smid smtyp taid spm"
    " sref sr_share soc_src soc_trk traffic_source tblci dicbo ob_click_id oborigurl rss_id rssid _ga _gl emc"
    " s_kwcid __twitter_impression share shared sharetype share_type wtmc guccounter guce_referrer guce_referrer_sig"
    " feedtype feedname phpsessid jsessionid aspsessionid cftoken replytocom _openstat nr_email_referer amp"
    " usqp amp_js_v amp_gsa aoh csi origen_rss mkt_tok zanpid kxconfid wtrid hootpostid algo_expid bbeml"
    " __tn__ seg_clid int_source int_medium int_campaign".split()
)
# Parameters that track only where their value says so; elsewhere they may choose the page.
_TRACKING_IF_FEED = frozenset(
    {"src", "source", "from", "via", "partner", "mod", "origin", "origen", "rss", "feed", "fuente", "sms_ss"}
)
_FEED_VALUES = re.compile(
    r"(?:|rss.*|feed.*|atom.*|.*[_-]rss|facebook|twitter|whatsapp|telegram|newsletter|social|homepage)",
    re.IGNORECASE,
)
_AMP_QUERIES = {"outputtype": {"amp"}, "output": {"amp"}, "view": {"amp"}, "mode": {"amp"}, "tipo": {"amp"}}
_HOST_PREFIXES = ("www.", "m.", "mobile.", "movil.", "amp.")
_PUBLIC_SUFFIX_LIKE = re.compile(r"(?:com|co|org|net|gob|gov|gub|edu|info|web|nom|mil|int|ac)\.[a-z]{2}")
_AMP_CACHE = re.compile(r"[a-z0-9-]+\.cdn\.ampproject\.org")


def check_url(url: str, base: str | None = None) -> str | None:
    """Return the absolute http(s) address to fetch, or None where there is none that may be fetched.

    ``url`` may be relative to ``base``. Blanks and line breaks around and inside are repaired, non-ASCII is encoded.
    Refused: other schemes, no host, a host that is no name and no address, user and password, and longer than
    MAX_URL_CHARS. The fragment is dropped, since it is never sent.
    """
    url = _BLANKS.sub("", url.strip())
    if not url or len(url) > MAX_URL_CHARS:
        return None
    try:
        parts = urlsplit(_absolute(url, base))
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:  # urllib's word for brackets, ports and the like that make no sense
        return None
    if parts.scheme not in {"http", "https"} or host is None or "@" in parts.netloc or port == 0:
        return None
    path = _encode(parts.path.replace("\\", "/"), _FETCH_SAFE) or "/"
    netloc = host if port is None else f"{host}:{port}"
    checked = urlunsplit((parts.scheme, netloc, path, _encode(parts.query, _FETCH_SAFE), ""))
    return checked if len(checked) <= MAX_URL_CHARS else None


def _absolute(url: str, base: str | None) -> str:
    if _BARE_HOST.match(url):
        return f"https://{url}"
    if base is not None:
        return urljoin(base, url)
    return f"https:{url}" if url.startswith("//") else url


def _host(name: str) -> str | None:
    """Return the host in ASCII lower case, or None where it is no host name. Raises ValueError for a bad address."""
    name = name.rstrip(".")
    if ":" in name:
        return f"[{IPv6Address(name).compressed}]"
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name).encode("idna").decode("ascii")
    name = name.lower()
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        # A name that ends in a number is an address; only the plain form of one is accepted (not 0x7f000001 or 127.1).
        return str(IPv4Address(name))
    return name


def _encode(text: str, safe: str) -> str:
    encoded = quote(text.encode("utf-8", "replace"), safe=safe)
    return re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", encoded)


def canonical_url(url: str) -> str:
    """Return one stable address for all addresses of the same page: an identity, not the address to fetch.

    https whatever the scheme; host in lower case without "www.", "m.", "amp." and default port; AMP addresses turned
    into the page's own; no fragment, no tracking parameters, no session ids; the query sorted; percent-encoding
    normalised; no slash at the end. Idempotent. Raises ValueError for what `check_url` refuses.
    """
    checked = check_url(url)
    if checked is None:
        raise ValueError(f"not a web address: {url[:200]!r}")
    while True:
        again = _canonical_once(checked)
        if again == checked:
            return again
        checked = again


def _canonical_once(url: str) -> str:
    parts = urlsplit(url)
    inner = _amp_cache_target(parts.hostname or "", parts.path, parts.query)
    if inner is not None:
        return inner
    host = _plain_host(parts.hostname or "")
    if parts.port not in {None, 80, 443}:
        host = f"{host}:{parts.port}"
    return urlunsplit(("https", host, _canonical_path(parts.path), _canonical_query(parts.query), ""))


def _amp_cache_target(host: str, path: str, query: str) -> str | None:
    """Return the publisher's address inside that of an AMP cache or viewer, else None."""
    match = None
    if _AMP_CACHE.fullmatch(host):
        match = re.fullmatch(r"/[a-z]/(?:s/)?([^/]+\.[^/]+)(/.*)?", path)
    elif re.fullmatch(r"(?:www\.)?google\.[a-z.]{2,6}", host):
        match = re.fullmatch(r"/amp/(?:s/)?([^/]+\.[^/]+)(/.*)?", path)
    if match is None:
        return None
    return check_url(f"https://{match[1]}{match[2] or '/'}" + (f"?{query}" if query else ""))


def _plain_host(host: str) -> str:
    if ":" in host:
        return f"[{host}]"
    for prefix in _HOST_PREFIXES:
        rest = host.removeprefix(prefix)
        # "m.com" and "www.com.ve" are names of their own.
        if rest != host and "." in rest and not _PUBLIC_SUFFIX_LIKE.fullmatch(rest) and not rest[-1].isdigit():
            return rest
    return host


def _canonical_path(path: str) -> str:
    path = re.sub(r";jsessionid=[^/;?]*", "", path, flags=re.IGNORECASE)
    path = _recode(path, _PATH_SAFE)
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            if segments:
                segments.pop()
        elif segment not in {"", "."}:
            segments.append(segment)
    if len(segments) > 1 and segments[-1].lower() in {"amp", "amp.html", "google-amp"}:
        segments.pop()
    if len(segments) > 1 and segments[0].lower() == "amp":
        segments.pop(0)
    if segments:
        segments[-1] = re.sub(r"[._]amp(?=\.html?$)", "", segments[-1], flags=re.IGNORECASE) or segments[-1]
    return "/" + "/".join(segments)


def _canonical_query(query: str) -> str:
    kept: list[tuple[str, str | None]] = []
    for pair in query.split("&"):
        if not pair:
            continue
        name, equals, value = pair.partition("=")
        name, value = (_recode(part.replace("+", "%20"), _QUERY_SAFE) for part in (name, value))
        if not _is_tracking(name.lower(), value):
            kept.append((name, value if equals else None))
    return "&".join(n if v is None else f"{n}={v}" for n, v in sorted(kept, key=lambda p: (p[0], p[1] or "")))


def _is_tracking(name: str, value: str) -> bool:
    if name.startswith(_TRACKING_PREFIXES) or name in _TRACKING:
        return True
    if name in _TRACKING_IF_FEED:
        return _FEED_VALUES.fullmatch(value) is not None or (name in {"rss", "feed"} and value in {"1", "true", "yes"})
    return value.lower() in _AMP_QUERIES.get(name, ())


def _recode(text: str, safe: str) -> str:
    """Return ``text`` with each character escaped only where it must be, in one way: NFC, UTF-8, upper-case hex."""
    # A decoded delimiter must not become one: "%2F" is not "/", "%26" is not "&".
    kept = re.split(r"(%(?:2[356BbFf]|3[BbDdFf]|5[Cc]|0[0-9A-Fa-f]|1[0-9A-Fa-f]|7[Ff]))", text)
    return "".join(part.upper() if index % 2 else _recode_plain(part, safe) for index, part in enumerate(kept))


def _recode_plain(text: str, safe: str) -> str:
    raw = unquote_to_bytes(text)
    with suppress(UnicodeDecodeError):  # an address in another encoding keeps its bytes: they are what the server knows
        raw = unicodedata.normalize("NFC", raw.decode("utf-8")).encode("utf-8")
    return quote(raw, safe=safe)
