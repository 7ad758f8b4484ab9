#!/usr/bin/python3
"""Writes the certificates of the TLS tests into a folder: NAME.pem (the chain, leaf first) and
NAME.key. Two authorities: `root` (trusted by the tests) and `stranger` (not). Some are wrong on
purpose, in one thing each; the name says in what."""

from certs import *  # noqa: F403

root = make("Test Root", ca=True, key=P384()).write("root")
stranger = make("Stranger Root", ca=True).write("stranger")
inter = make("Test Intermediate", root, ca=True, path_length=0).write("inter")
rsa_root = make("RSA Root", ca=True, key=rsa.generate_private_key(65537, 2048)).write("rsa_root")
ed_root = make("Ed25519 Root", ca=True, key=ed25519.Ed25519PrivateKey.generate()).write("ed_root")

# Good ones.
good = make("dns.example.net", inter, san=SAN).write("good", extra=(root,))
make("direct", root, san=SAN).write("good_direct")
make("p384", inter, key=P384(), san=SAN).write("good_p384")
make("ed", root, key=ed25519.Ed25519PrivateKey.generate(), san=SAN).write("good_ed25519")
make("rsa", rsa_root, key=rsa.generate_private_key(65537, 2048), san=SAN).write("good_rsa")
make("by ed", ed_root, san=SAN).write("good_by_ed25519")
make("no eku", inter, san=SAN, eku=()).write("good_no_eku")
make("", inter, san=SAN, san_critical=True).write("good_empty_subject")
make("unordered", inter, san=SAN).write("good_with_strangers", extra=(stranger, root))

crossed = make("Crossed", root, ca=True)
crossed_too = make("Crossed", rsa_root, ca=True, key=crossed.key)
make("x", crossed, san=SAN).write("good_crossed", extra=(crossed_too,))

# Wrong in the leaf.
make("x", inter, san=("other.example.net",)).write("bad_name")
make("dns.example.net", inter).write("bad_cn_only")
make("x", inter, san=SAN, start=NOW - 30 * DAY, end=NOW - DAY).write("bad_expired")
make("x", inter, san=SAN, start=NOW + DAY).write("bad_not_yet")
make("x", inter, san=SAN, eku=(Eku.CLIENT_AUTH,)).write("bad_eku")
make("x", inter, san=SAN, eku=(Eku.ANY_EXTENDED_KEY_USAGE,)).write("bad_any_eku")
make("x", root, san=SAN, ca=True).write("bad_ca_leaf")
make("x", inter, san=SAN, key_usage=usage(True)).write("bad_key_usage")
both = x509.KeyUsage(True, False, False, False, False, True, False, False, False)
make("x", inter, san=SAN, key_usage=both).write("bad_key_usage_both")
make("", inter, san=SAN).write("bad_empty_subject")
make("x", inter, san=SAN,
     extra=((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True),)
     ).write("bad_critical")
make("x", inter, key=rsa.generate_private_key(65537, 1024), san=SAN).write("bad_rsa_1024")
make("x", inter, key=ec.generate_private_key(ec.SECP521R1()), san=SAN).write("bad_p521")
make("x", inter, san=("*.net", "d*.example.net", "*.*.net", "*")).write("bad_wildcards")

# Wrong in the path.
make("x", stranger, san=SAN).write("bad_stranger")
make("x", inter, san=SAN, signer=stranger.key).write("bad_signature")
not_ca = make("Not a CA", root, ca=False, eku=()).write("not_ca")
make("x", not_ca, san=SAN).write("bad_issuer_not_ca")
no_basic = make("No Basic", root, basic=False, eku=(), key_usage=usage(True))
make("x", no_basic, san=SAN).write("bad_issuer_no_basic")
no_sign = make("May not sign", root, ca=True, key_usage=usage(False))
make("x", no_sign, san=SAN).write("bad_issuer_key_usage")
below = make("Below", inter, ca=True)
make("x", below, san=SAN).write("bad_path_length")
old = make("Old", root, ca=True, start=NOW - 30 * DAY, end=NOW - DAY)
make("x", old, san=SAN).write("bad_issuer_expired")
client_ca = make("Client CA", root, ca=True,
                 extra=((x509.ExtendedKeyUsage([Eku.CLIENT_AUTH]), False),))
make("x", client_ca, san=SAN).write("bad_issuer_eku")


def constrained(file, sans, permitted=None, excluded=None):
    ca = make("Constrained", root, ca=True, constraints=x509.NameConstraints(permitted, excluded))
    make("x", ca, san=sans).write(file)


dns, net = x509.DNSName, lambda text: x509.IPAddress(ipaddress.ip_network(text))
directory = x509.DirectoryName(name("elsewhere"))
constrained("good_permitted", ("dns.example.net",), [dns("example.net")])
constrained("bad_permitted", ("dns.example.net",), [dns("example.org")])
constrained("bad_permitted_suffix", ("dns.example.net",), [dns("mple.net")])
constrained("bad_excluded", ("dns.example.net",), None, [dns("example.net")])
constrained("bad_excluded_wildcard", ("dns.example.net", "*.example.net"), None,
            [dns("secret.example.net")])
constrained("good_permitted_ip", ("dns.example.net", "ip:192.0.2.1"), [net("192.0.2.0/24")])
constrained("bad_permitted_ip", ("dns.example.net", "ip:192.0.2.1"), [net("198.51.100.0/24")])
constrained("bad_excluded_ip", ("dns.example.net", "ip:192.0.2.1"), None, [net("192.0.2.0/24")])
constrained("bad_permitted_directory", ("dns.example.net",), [directory])
constrained("bad_excluded_directory", ("dns.example.net",), None, [directory])

(out / "bad_incomplete.pem").write_bytes(
    good.certificate.public_bytes(serialization.Encoding.PEM))
(out / "bad_incomplete.key").write_bytes((out / "good.key").read_bytes())

# For pins alone.
make("self", san=SAN, ca=True, key_usage=None).write("self_signed_ca")
make("self", san=SAN, start=NOW - 30 * DAY, end=NOW - DAY).write("self_signed_expired")
pinned_ca = make("Pinned CA", ca=True).write("pinned_ca")
make("x", pinned_ca, san=("whatever.example",)).write("below_pinned", extra=(pinned_ca,))
make("x", pinned_ca, san=("whatever.example",), start=NOW - 30 * DAY, end=NOW - DAY).write(
    "below_pinned_expired", extra=(pinned_ca,))
make("x", stranger, san=SAN).write("stranger_with_pinned", extra=(pinned_ca,))

by_openssl(inter).write("bad_version_1")
by_openssl(inter, "-sha1", "-copy_extensions", "copyall").write("bad_sha1")
by_openssl(rsa_root, "-copy_extensions", "copyall", "-sigopt", "rsa_padding_mode:pss", "-sigopt",
           "rsa_pss_saltlen:32").write("good_pss")

import auth_table  # noqa: E402,F401  it writes its own
import ocsp_table  # noqa: E402,F401  so does this

(out / "roots.pem").write_bytes(b"".join(
    one.certificate.public_bytes(serialization.Encoding.PEM) for one in (root, rsa_root, ed_root)))
