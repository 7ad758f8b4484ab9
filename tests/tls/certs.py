"""How the TLS tests make certificates. The folder is the first argument of the program."""

import datetime
import ipaddress
import pathlib
import subprocess
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku, NameOID

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
DAY = datetime.timedelta(days=1)
out = pathlib.Path(sys.argv[1])


def name(common):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)] if common else [])


class Made:
    def __init__(self, certificate, key, issuer):
        self.certificate, self.key, self.issuer = certificate, key, issuer

    def chain(self):
        """Leaf first, without the root."""
        made, pem = self, b""
        while made.issuer is not None or made is self:
            pem += made.certificate.public_bytes(serialization.Encoding.PEM)
            if made.issuer is None:
                break
            made = made.issuer
        return pem

    def write(self, file, extra=()):
        pem = self.chain()
        for other in extra:
            pem += other.certificate.public_bytes(serialization.Encoding.PEM)
        (out / f"{file}.pem").write_bytes(pem)
        (out / f"{file}.key").write_bytes(self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))
        return self


def usage(ca):
    return x509.KeyUsage(digital_signature=not ca, content_commitment=False, key_encipherment=False,
                         data_encipherment=False, key_agreement=False, key_cert_sign=ca,
                         crl_sign=ca, encipher_only=False, decipher_only=False)


def make(subject, issuer=None, key=None, ca=False, path_length=None, san=(), eku=(Eku.SERVER_AUTH,),
         key_usage=True, start=NOW - DAY, end=NOW + 30 * DAY, hash=hashes.SHA256(), extra=(),
         constraints=None, san_critical=False, basic=True, signer=None):
    key = key or ec.generate_private_key(ec.SECP256R1())
    builder = (x509.CertificateBuilder().subject_name(name(subject))
               .issuer_name(issuer.certificate.subject if issuer else name(subject))
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(start).not_valid_after(end))
    if basic:
        builder = builder.add_extension(x509.BasicConstraints(ca, path_length), critical=True)
    if key_usage:
        builder = builder.add_extension(key_usage if key_usage is not True else usage(ca), True)
    if eku and not ca:
        builder = builder.add_extension(x509.ExtendedKeyUsage(eku), False)
    if san:
        names = [x509.IPAddress(ipaddress.ip_address(one[3:])) if one.startswith("ip:")
                 else x509.DNSName(one) for one in san]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), san_critical)
    if constraints:
        builder = builder.add_extension(constraints, True)
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical)
    sign_with = signer or (issuer.key if issuer else key)
    if isinstance(sign_with, ed25519.Ed25519PrivateKey):
        hash = None
    certificate = builder.sign(sign_with, hash)
    return Made(certificate, key, issuer)


SAN = ("dns.example.net", "*.wild.example.net", "ip:192.0.2.1", "ip:2001:db8::1", "ip:127.0.0.1")
P384 = lambda: ec.generate_private_key(ec.SECP384R1())


def by_openssl(issuer, *arguments):
    """What the library above does not make: version 1, RSA-PSS."""
    key = ec.generate_private_key(ec.SECP256R1())
    request = (x509.CertificateSigningRequestBuilder().subject_name(name("x"))
               .add_extension(x509.SubjectAlternativeName([x509.DNSName(SAN[0])]), False)
               .sign(key, hashes.SHA256()))
    issuer.write("issuer")
    made = subprocess.run(
        ["openssl", "x509", "-req", "-CA", out / "issuer.pem", "-CAkey", out / "issuer.key",
         "-days", "2", *arguments],
        input=request.public_bytes(serialization.Encoding.PEM), stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, check=True).stdout
    return Made(x509.load_pem_x509_certificate(made), key, issuer)
