"""Certificates for tests: an authority of the test's own, and servers that it vouches for, or not."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_AUTHORITY = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Bowerbird test authority")])


@dataclass
class Authority:
    """Signs certificates; `file` is what a client has to trust."""

    key: ec.EllipticCurvePrivateKey
    file: Path

    def server_context(self, folder: Path, *hosts: str, days: int = 1) -> ssl.SSLContext:
        """Return the context of a server at IP addresses and names; negative days give a certificate that is over."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([_named(host) for host in hosts])
        certificate = _unsigned(key.public_key(), x509.Name([]), days).add_extension(names, critical=True)
        pem = folder / "server.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        signed = certificate.sign(self.key, hashes.SHA256())
        pem.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        return context


def authority(folder: Path) -> Authority:
    """Make a new authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    plain = _unsigned(key.public_key(), _AUTHORITY, 1)
    signed = (
        plain.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "authority.pem"
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    return Authority(key, file)


def _named(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _unsigned(key: ec.EllipticCurvePublicKey, subject: x509.Name, days: int) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(_AUTHORITY)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + timedelta(days=days))
    )
