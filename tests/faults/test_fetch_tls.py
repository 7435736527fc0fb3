"""Fault 20: certificates. A little authority is made for the test and trusted through SSL_CERT_FILE."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipeline.fetch import Fetcher
from pipeline.settings import FetchSettings
from pipeline.steps import FetchRequest
from tests.faults.server import RSS, FaultServer, answer, redirect

Key = ec.EllipticCurvePrivateKey


def certificate(name: str, key: Key, days: tuple[int, int], issuer: tuple[str, Key] | None = None) -> x509.Certificate:
    """A certificate for ``name`` valid from and to so many days from now; without issuer an authority's own."""
    now = datetime.now(UTC)
    called = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, n)]) for n in (name, issuer[0] if issuer else name)]
    builder = (
        x509.CertificateBuilder()
        .subject_name(called[0])
        .issuer_name(called[1])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    )
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256())


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Key]:
    """A certificate authority that this process trusts for the test."""
    key = ec.generate_private_key(ec.SECP256R1())
    own = certificate("Autoridad de Prueba", key, (-10, 10))
    (tmp_path / "ca.pem").write_bytes(own.public_bytes(serialization.Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return ("Autoridad de Prueba", key)


def server_context(folder: Path, name: str, days: tuple[int, int], issuer: tuple[str, Key] | None) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate(name, key, days, issuer).public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def here(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


@pytest.mark.parametrize(
    ("name", "days", "trusted", "reason"),
    [
        pytest.param("diario.example", (-9, 9), True, "ok", id="good"),
        pytest.param("diario.example", (-9, -1), True, "tls", id="20 expired"),
        pytest.param("diario.example", (1, 9), True, "tls", id="not yet valid"),
        pytest.param("otro.example", (-9, 9), True, "tls", id="another host"),
        pytest.param("diario.example", (-9, 9), False, "tls", id="nobody's word"),
    ],
)
async def test_a_certificate_that_does_not_hold_is_refused(
    name: str, days: tuple[int, int], trusted: bool, reason: str, authority: tuple[str, Key], tmp_path: Path
) -> None:
    """20: only a valid certificate of a trusted authority for this very host lets a request through."""
    tls = server_context(tmp_path, name, days, authority if trusted else None)
    async with FaultServer({"/x": answer(RSS)}, tls=tls) as server:
        async with Fetcher(FetchSettings(allow_private_network=True), lookup=here) as f:
            result = await f.fetch(FetchRequest(server.url("/x", "diario.example"), "feed", "diario"))
        assert result.reason == reason, result.detail
        if reason == "tls":
            assert server.asked == []


async def test_clear_text_on_a_tls_port_is_tls(authority: tuple[str, Key]) -> None:
    """20: a server that speaks no TLS where https was asked for."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as plain:
        url = f"https://diario.example:{plain.sockets[0].getsockname()[1]}/x"
        async with Fetcher(FetchSettings(allow_private_network=True), lookup=here) as f:
            assert (await f.fetch(FetchRequest(url, "feed", "diario"))).reason == "tls"


async def test_a_permanent_way_back_to_clear_text_is_not_proposed(authority: tuple[str, Key], tmp_path: Path) -> None:
    """26: a 301 from https to http is followed, yet no address without TLS is proposed for good."""
    tls = server_context(tmp_path, "diario.example", (-9, 9), authority)
    async with FaultServer({"/x": answer(RSS)}) as plain, FaultServer({}, tls=tls) as server:
        server.answers = {"/x": redirect(plain.url("/x", "diario.example"), 301)}
        async with Fetcher(FetchSettings(allow_private_network=True), lookup=here) as f:
            result = await f.fetch(FetchRequest(server.url("/x", "diario.example"), "feed", "diario"))
    assert (result.reason, result.permanent_url) == ("ok", None)
