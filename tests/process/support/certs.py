"""Certificate authorities and leaves, good and bad in exactly one way each."""

import base64
import dataclasses
import datetime
import hashlib
import ipaddress
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


@dataclasses.dataclass(frozen=True)
class Leaf:
    """A server's identity: PEM files of its chain (leaf first) and key, and its pins."""

    chain: pathlib.Path
    key: pathlib.Path
    pin: str  # base64 of SHA-256 of the leaf's SubjectPublicKeyInfo (RFC 7858 section 4.2)
    certificate: x509.Certificate


def pin_of(certificate):
    spki = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()


def _name(common):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general_name(text):
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


class Authority:
    """A self-signed CA whose files live in `folder`; `ca_file` is its PEM certificate."""

    def __init__(self, folder, name="dotkeep test CA"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True, mode=0o755)
        self.key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.utcnow()
        self.certificate = (
            x509.CertificateBuilder().subject_name(_name(name)).issuer_name(_name(name))
            .public_key(self.key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - 10 * DAY).not_valid_after(now + 3650 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_key_usage(ca=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False)
            .sign(self.key, hashes.SHA256()))
        self.ca_file = self.folder / "ca.pem"
        self.ca_file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        self.pin = pin_of(self.certificate)
        self._issued = 0

    def issue(self, *names, common="dotkeep test", days=(-1, 365), usage="server", ca=False,
              rsa_bits=0, self_signed=False, digest=None):
        """A leaf for DNS names or addresses. No names: no SAN at all. `usage`: "server", "client", None."""
        key = (rsa.generate_private_key(65537, rsa_bits) if rsa_bits
               else ec.generate_private_key(ec.SECP256R1()))
        now = datetime.datetime.utcnow()
        subject = _name(common)
        builder = (
            x509.CertificateBuilder().subject_name(subject)
            .issuer_name(subject if self_signed else self.certificate.subject)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now + days[0] * DAY).not_valid_after(now + days[1] * DAY)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(_key_usage(ca=ca), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(
                key.public_key() if self_signed else self.key.public_key()), False))
        if names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_general_name(n) for n in names]), False)
        if usage:
            purpose = {"server": ExtendedKeyUsageOID.SERVER_AUTH,
                       "client": ExtendedKeyUsageOID.CLIENT_AUTH}[usage]
            builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), False)
        certificate = builder.sign(key if self_signed else self.key, digest or hashes.SHA256())
        return self._save(certificate, key, [] if self_signed else [self.certificate])

    def _save(self, certificate, key, above):
        self._issued += 1
        chain = self.folder / f"leaf-{self._issued}.pem"
        chain.write_bytes(b"".join(
            c.public_bytes(serialization.Encoding.PEM) for c in [certificate, *above]))
        key_file = self.folder / f"leaf-{self._issued}.key"
        key_file.write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))
        key_file.chmod(0o644)  # the DoT servers of the tests drop to accounts of their own
        return Leaf(chain, key_file, pin_of(certificate), certificate)


def _key_usage(ca):
    return x509.KeyUsage(
        digital_signature=True, key_cert_sign=ca, crl_sign=ca, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False)
