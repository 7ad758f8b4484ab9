#!/usr/bin/python3
"""Writes the seeds of the `tls`, `certificate` and `ocsp` targets: what real servers say first, recorded
from OpenSSL, and certificates and responses of tests/tls/make_certs.py. Run by hand; the results are committed."""

import pathlib
import ssl
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).parent
tls, certificate, ocsp = (here / "seeds" / target for target in ("tls", "certificate", "ocsp"))


def pieces(octets, identity=0, size=255):
    """The input format of fuzz/tls.cc."""
    out = bytes([identity])
    for at in range(0, len(octets), size):
        part = octets[at:at + size]
        out += bytes([len(part)]) + part
    return out


def first_flight(certificates, maximum=None, groups=None):
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificates / "good.pem", certificates / "good.key")
    if maximum:
        server.maximum_version = maximum
    if groups:
        server.set_ecdh_curve(groups)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    for side in (ours, theirs):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            pass
    return to_client.read()


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    subprocess.run([sys.executable, here.parent / "tests/tls/make_certs.py", folder], check=True)
    tls.mkdir(parents=True, exist_ok=True)
    certificate.mkdir(parents=True, exist_ok=True)
    ocsp.mkdir(parents=True, exist_ok=True)
    flight = first_flight(folder)
    (tls / "tls13_first_flight").write_bytes(pieces(flight))
    (tls / "tls13_first_flight_classical").write_bytes(pieces(flight, 1))
    (tls / "tls13_octet_by_octet").write_bytes(pieces(flight[:300], 2, 1))
    (tls / "hello_retry_request").write_bytes(pieces(first_flight(folder, groups="prime256v1"), 1))
    (tls / "tls12_first_flight").write_bytes(
        pieces(first_flight(folder, ssl.TLSVersion.TLSv1_2), 3))
    (tls / "alert_handshake_failure").write_bytes(pieces(bytes([21, 3, 3, 0, 2, 2, 40])))
    (tls / "alert_close_notify").write_bytes(pieces(bytes([21, 3, 3, 0, 2, 1, 0])))
    (tls / "http_error").write_bytes(pieces(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    (tls / "closed_at_once").write_bytes(bytes([0, 0]))
    (tls / "change_cipher_specs").write_bytes(pieces(bytes([20, 3, 3, 0, 1, 1]) * 8))
    for name in ("good", "good_rsa", "good_ed25519", "good_pss", "good_empty_subject", "inter",
                 "bad_version_1", "bad_sha1", "bad_critical", "bad_wildcards", "bad_p521"):
        pem = (folder / f"{name}.pem").read_text()
        first = pem[:pem.index("-----END") + 25]
        (certificate / f"{name}.der").write_bytes(ssl.PEM_cert_to_DER_cert(first))
    for name in ("good_permitted", "bad_excluded_ip", "bad_permitted_directory"):
        pem = (folder / f"{name}.pem").read_text()
        second = pem[pem.index("-----BEGIN", 10):]
        (certificate / f"ca_of_{name}.der").write_bytes(ssl.PEM_cert_to_DER_cert(second))
    (certificate / "bundle.pem").write_text((folder / "roots.pem").read_text())
    for name in ("good", "good_sha256", "good_by_name", "good_responder", "good_responder_among", "revoked",
                 "unknown", "over", "endless", "other_key", "responder_expired", "cut", "try_later",
                 "no_response"):
        (ocsp / f"{name}.der").write_bytes((folder / f"ocsp_{name}.der").read_bytes())
