"""The table of chains that must be believed and that must not, each wrong in one thing. A row becomes
a chain in auth_NAME.pem and a line of auth_table.tsv: name, fault ("none": believed), the name and the
pins that are asked for, the CA file. auth_test.cc shows each of them to a session."""

import hashlib

from certs import *  # noqa: F403
from certs import by_openssl

NAME = "dns.example.net"
rows = []
root = make("Table Root", ca=True, key=P384()).write("auth_root")
inter = make("Table Intermediate", root, ca=True, path_length=0).write("auth_inter")
rsa_root = make("Table RSA Root", ca=True, key=rsa.generate_private_key(65537, 2048)).write("auth_rsa")
stranger = make("Stranger", ca=True)
old_root = make("Old Root", ca=True, start=NOW - 30 * DAY, end=NOW - DAY)
early_root = make("Early Root", ca=True, start=NOW + DAY)
short_root = make("Short Root", ca=True, path_length=0)
narrow_root = make("Narrow Root", ca=True, constraints=x509.NameConstraints(None, [x509.DNSName(NAME)]))
end_anchor = make("End Anchor", san=("*.example.net",))
small_root = make("Small Root", ca=True, key=rsa.generate_private_key(65537, 1024))


def pem(*made):
    return b"".join(one.certificate.public_bytes(serialization.Encoding.PEM) for one in made)


def pin(made):
    return hashlib.sha256(made.certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def row(file, fault, made, ask=NAME, pins=(), extra=(), ca="auth_roots"):
    made.write("auth_" + file, extra=extra)
    rows.append("\t".join((file, fault, ask, ",".join(pins), ca)))


def leaf(issuer=inter, subject="x", san=(NAME,), **more):
    return make(subject, issuer, san=san, **more)


def ca(subject="CA", issuer=root, **more):
    return make(subject, issuer, ca=True, **more)


def raw(oid, octets, critical=False):
    return (x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), octets), critical)


def raw_san(tag, content):
    one = bytes((tag, len(content))) + content
    return (raw("2.5.29.17", bytes((0x30, len(one))) + one),)


(out / "auth_roots.pem").write_bytes(
    pem(root, rsa_root, old_root, early_root, short_root, narrow_root, end_anchor, small_root))

# Names.
row("name", "none", leaf())
row("name_case", "none", leaf(san=("DNS.Example.NET",)))
row("name_wildcard", "none", leaf(san=("*.example.net",)))
row("name_among_many", "none", leaf(san=tuple(f"h{i}.example.org" for i in range(150)) + (NAME,)))
row("name_empty_subject", "none", leaf(subject="", san_critical=True))
row("name_other", "name mismatch", leaf(san=("dns.example.org",)))
row("name_cn_only", "name mismatch", leaf(subject=NAME, san=()))
row("name_cn_beside_san", "name mismatch", leaf(subject=NAME, san=("other.example.net",)))
row("name_parent", "name mismatch", leaf(san=("example.net",)))
row("name_child", "name mismatch", leaf(san=("x.dns.example.net",)))
row("name_prefixed", "name mismatch", leaf(san=("xdns.example.net",)))
row("name_suffixed", "name mismatch", leaf(san=("dns.example.net.example.org",)))
row("wildcard_below", "name mismatch", leaf(san=("*.dns.example.net",)))
row("wildcard_two_labels", "name mismatch", leaf(san=("*.example.net",)), ask="a.dns.example.net")
row("wildcard_inner", "name mismatch", leaf(san=("dns.*.net",)))
row("wildcard_partial", "name mismatch", leaf(san=("d*.example.net",)))
row("wildcard_partial_end", "name mismatch", leaf(san=("*s.example.net",)))
row("wildcard_twice", "name mismatch", leaf(san=("*.*.net",)))
row("wildcard_of_a_tld", "name mismatch", leaf(san=("*.net",)), ask="example.net")
row("wildcard_alone", "name mismatch", leaf(san=("*",)), ask="localhost")
row("name_by_email", "name mismatch", leaf(san=(), extra=raw_san(0x81, b"a@dns.example.net")))
row("name_by_uri", "name mismatch", leaf(san=(), extra=raw_san(0x86, b"https://dns.example.net")))
row("name_with_nul", "name mismatch,certificate form", leaf(san=(), extra=raw_san(0x82, b"dns.example.net\0.example.org")))
row("name_with_space", "name mismatch", leaf(san=(), extra=raw_san(0x82, b" dns.example.net")))
row("name_for_an_address", "name mismatch", leaf(san=("ip:192.0.2.1",)))
row("address", "none", leaf(san=("ip:192.0.2.1",)), ask="192.0.2.1")
row("address_v6", "none", leaf(san=("ip:2001:db8::1",)), ask="2001:db8::1")
row("address_other", "name mismatch", leaf(san=("ip:192.0.2.2",)), ask="192.0.2.1")
row("address_other_v6", "name mismatch", leaf(san=("ip:2001:db8::2",)), ask="2001:db8::1")
row("address_mapped", "name mismatch", leaf(san=("ip:::ffff:192.0.2.1",)), ask="192.0.2.1")
row("address_as_name", "name mismatch", leaf(san=(), extra=raw_san(0x82, b"192.0.2.1")), ask="192.0.2.1")
row("address_by_wildcard", "name mismatch", leaf(san=(), extra=raw_san(0x82, b"*.0.2.1")), ask="192.0.2.1")
row("address_too_short", "name mismatch", leaf(san=(), extra=raw_san(0x87, b"\xc0\0\2")), ask="192.0.2.1")
row("address_in_cn", "name mismatch", leaf(subject="192.0.2.1", san=(NAME,)), ask="192.0.2.1")
row("san_with_more_after", "certificate form", leaf(san=(), extra=(raw("2.5.29.17", b"\x30\x03\x82\x01a\0"),)))
row("san_of_nobody", "certificate form", leaf(san=(), extra=(raw("2.5.29.17", b"\x30\0"),)))
row("subject_of_nobody", "certificate form", leaf(subject=""))

# Dates.
HOUR, SECOND = datetime.timedelta(hours=1), datetime.timedelta(seconds=1)
row("dates_long", "none", leaf(start=NOW - 3000 * DAY, end=NOW + 30000 * DAY))
row("dates_past", "expired", leaf(start=NOW - 30 * DAY, end=NOW - DAY))
row("dates_just_past", "expired", leaf(end=NOW - SECOND))
row("dates_to_come", "not yet valid", leaf(start=NOW + 8 * HOUR))
row("dates_ca_past", "expired", leaf(ca(start=NOW - 30 * DAY, end=NOW - DAY)))
row("dates_ca_to_come", "not yet valid", leaf(ca(start=NOW + DAY)))
row("dates_root_past", "expired", leaf(old_root))
row("dates_root_to_come", "not yet valid", leaf(early_root))
row("dates_all_to_come", "not yet valid", leaf(ca(issuer=early_root, start=NOW + DAY), start=NOW + DAY))

# What it is for.
OTHERS = x509.KeyUsage(True, False, True, False, False, False, False, False, False)
ENCIPHER = x509.KeyUsage(False, False, True, False, False, False, False, False, False)
BOTH = x509.KeyUsage(True, False, False, False, False, True, False, False, False)
row("usage_none_said", "none", leaf(eku=(), key_usage=None))
row("usage_both_sides", "none", leaf(eku=(Eku.SERVER_AUTH, Eku.CLIENT_AUTH), key_usage=OTHERS))
row("usage_client", "certificate form", leaf(eku=(Eku.CLIENT_AUTH,)))
row("usage_code", "certificate form", leaf(eku=(Eku.CODE_SIGNING, Eku.EMAIL_PROTECTION)))
row("usage_any", "certificate form", leaf(eku=(Eku.ANY_EXTENDED_KEY_USAGE,)))
row("usage_encipher", "certificate form", leaf(key_usage=ENCIPHER))
row("usage_cert_sign", "certificate form", leaf(key_usage=BOTH))
row("usage_ca_client", "not trusted", leaf(ca(extra=((x509.ExtendedKeyUsage([Eku.CLIENT_AUTH]), False),))))
row("usage_ca_server", "none", leaf(ca(extra=((x509.ExtendedKeyUsage([Eku.SERVER_AUTH]), False),))))
row("usage_ca_no_sign", "not trusted", leaf(ca(key_usage=usage(False))))
row("usage_ca_none_said", "not trusted", leaf(ca(key_usage=None)))
row("leaf_is_ca", "certificate form", make("x", inter, ca=True, san=(NAME,)))
row("leaf_constrains", "certificate form", leaf(constraints=x509.NameConstraints([x509.DNSName(NAME)], None)))
row("critical_unknown", "certificate form", leaf(extra=(raw("1.2.3.4", b"\5\0", True),)))
row("unknown_not_critical", "none", leaf(extra=(raw("1.2.3.4", b"\5\0"),)))
# Refused by wolfSSL, which knows no policies; ours would let it pass (docs/decisions/two-checks.md).
row("critical_policies", "certificate form", leaf(extra=((x509.CertificatePolicies(
    [x509.PolicyInformation(x509.ObjectIdentifier("2.23.140.1.2.1"), None)]), True),)))
row("critical_unknown_ca", "not trusted", leaf(ca(extra=(raw("1.2.3.4", b"\5\0", True),))))
row("ca_constraints_malformed", "not trusted,certificate form", leaf(ca(extra=(raw("2.5.29.30", b"\x30\1", True),))))

# The path.
row("path_direct", "none", leaf(root))
row("path_with_root", "none", leaf(), extra=(root,))
row("path_with_strangers", "none", leaf(), extra=(stranger,))
row("path_with_expired_root", "none", leaf(), extra=(old_root,))
row("path_with_expired_cross", "none", leaf(crossed_now := ca("Renewed")), extra=(
    ca("Renewed", old_root, key=crossed_now.key), old_root))
four = ca("Four", ca("Three", ca("Two", ca("One"))))
row("path_long", "none", leaf(four))
row("path_length_met", "none", leaf(ca("B", ca("A", path_length=1), path_length=0)))
row("path_too_long", "certificate form", leaf(ca("Seven", ca("Six", four))))
row("path_length_0", "not trusted", leaf(ca("Below", inter)))
row("path_length_1", "not trusted", leaf(ca("C", ca("B", ca("A", path_length=1)))))
row("path_length_root", "not trusted", leaf(ca("Below", short_root)))
same = ca("Same", path_length=0)
# Refused by wolfSSL, which counts them; RFC 5280 section 6.1.4 would not.
row("path_self_issued", "not trusted", leaf(make("Same", same, ca=True)))
row("path_not_a_ca", "not trusted", leaf(make("End", root, eku=())))
row("path_leaf_as_ca", "not trusted", leaf(leaf(root)))
row("path_no_basic", "not trusted", leaf(make("NB", root, basic=False, eku=(), key_usage=usage(True))))
row("path_stranger", "not trusted", leaf(stranger))
row("path_stranger_shown", "not trusted", leaf(ca("x", stranger)), extra=(stranger,))
row("path_self_signed", "not trusted", make("x", san=(NAME,)))
row("path_impostor", "not trusted", leaf(make("Table Root", ca=True, key=P384())))
lonely = leaf()
row("path_missing", "not trusted", Made(lonely.certificate, lonely.key, None))
row("path_end_anchor", "not trusted", leaf(end_anchor))
crossed = ca("Crossed")
row("path_crossed", "none", leaf(crossed), extra=(ca("Crossed", rsa_root, key=crossed.key),))


def key_id(number):
    return ((x509.SubjectKeyIdentifier(number.to_bytes(20, "big")), False),)


def signer_id(number):
    return ((x509.AuthorityKeyIdentifier(number.to_bytes(20, "big"), None, None), False),)


lookalikes = tuple(ca("Lookalike", extra=key_id(i)) for i in range(3))
row("path_lookalikes", "none", leaf(ca("Lookalike", extra=key_id(3)), extra=signer_id(3)), extra=lookalikes)

# Name constraints.
dns, net = x509.DNSName, lambda text: x509.IPAddress(ipaddress.ip_network(text))


def constrained(file, fault, san, permitted=None, excluded=None, **more):
    row(file, fault, leaf(ca(constraints=x509.NameConstraints(permitted, excluded)), san=san, **more))


constrained("within", "none", (NAME,), [dns("example.net")])
constrained("within_two", "none", (NAME, "x.example.org"), [dns("example.net"), dns("example.org")])
constrained("within_address", "none", (NAME, "ip:192.0.2.1"), [net("192.0.2.0/24"), dns("net")])
constrained("without_excluded", "none", (NAME,), None, [dns("example.org"), net("0.0.0.0/0")])
constrained("outside", "not trusted", (NAME,), [dns("example.org")])
constrained("outside_by_suffix", "not trusted", (NAME,), [dns("ample.net")])
constrained("outside_one_of_two", "not trusted", (NAME, "x.example.org"), [dns("example.net")])
constrained("outside_wildcard", "not trusted", ("*.example.net",), [dns("x.example.net")])
constrained("outside_address", "not trusted", (NAME, "ip:192.0.2.1"), [net("198.51.100.0/24")])
constrained("excluded", "not trusted", (NAME,), None, [dns("example.net")])
constrained("excluded_by_wildcard", "not trusted", (NAME, "*.example.net"), None, [dns("a.example.net")])
constrained("excluded_address", "not trusted", (NAME, "ip:192.0.2.1"), None, [net("192.0.2.0/24")])
constrained("outside_directory", "not trusted", (NAME,), [x509.DirectoryName(name("elsewhere"))])
row("excluded_above", "not trusted", leaf(ca("Below", ca(
    "Above", constraints=x509.NameConstraints(None, [dns("example.net")])))))
row("excluded_by_root", "not trusted", leaf(narrow_root))

# Keys and signatures.
ED = ed25519.Ed25519PrivateKey
row("key_p384", "none", leaf(key=P384()))
row("key_ed25519", "none", leaf(root, key=ED.generate()))
row("key_rsa_2048", "none", leaf(rsa_root, key=rsa.generate_private_key(65537, 2048)))
row("key_rsa_3072", "none", leaf(key=rsa.generate_private_key(65537, 3072)))
row("key_rsa_1024", "weak key", leaf(key=rsa.generate_private_key(65537, 1024)))
row("key_rsa_2040", "weak key", leaf(key=rsa.generate_private_key(65537, 2040)))
row("key_p521", "weak key,alert", leaf(key=ec.generate_private_key(ec.SECP521R1())))
row("key_ca_rsa_1024", "weak key", leaf(ca(key=rsa.generate_private_key(65537, 1024))))
row("key_ca_p521", "weak key", leaf(ca(key=ec.generate_private_key(ec.SECP521R1()))))
row("key_root_rsa_1024", "not trusted", leaf(small_root))
row("signed_by_rsa_sha384", "none", leaf(rsa_root, hash=hashes.SHA384()))
row("signed_by_rsa_sha512", "none", leaf(rsa_root, hash=hashes.SHA512()))
row("signed_by_p384_sha512", "none", leaf(root, hash=hashes.SHA512()))
row("signed_by_p256_sha384", "none", leaf(hash=hashes.SHA384()))
row("signed_by_ed25519", "none", leaf(ca(key=ED.generate())))
row("signed_sha1", "weak key", leaf(hash=hashes.SHA1()))
row("signed_sha1_ca", "weak key", leaf(ca("SHA-1", rsa_root, hash=hashes.SHA1())))
row("signed_sha224", "not trusted", leaf(hash=hashes.SHA224()))
row("signed_by_another", "not trusted", leaf(signer=ec.generate_private_key(ec.SECP256R1())))
row("signed_by_itself", "not trusted", (lambda key: leaf(key=key, signer=key))(
    ec.generate_private_key(ec.SECP256R1())))
row("signed_by_rsa_kind", "not trusted", leaf(signer=rsa.generate_private_key(65537, 2048)))
for bits in (256, 384, 512):
    row(f"signed_pss_{bits}", "none", by_openssl(
        rsa_root, f"-sha{bits}", "-copy_extensions", "copyall", "-sigopt", "rsa_padding_mode:pss",
        "-sigopt", f"rsa_pss_saltlen:{bits // 8}"))
row("signed_pss_short_salt", "not trusted", by_openssl(
    rsa_root, "-sha256", "-copy_extensions", "copyall", "-sigopt", "rsa_padding_mode:pss", "-sigopt",
    "rsa_pss_saltlen:20"))
row("version_1", "certificate form", by_openssl(inter))

# Pins. Name and pins must both hold; pins alone need no authority, but the pinned key in the path.
good = leaf()
row("pin_leaf", "none", good, pins=(pin(good),))
row("pin_inter", "none", good, pins=("01" * 32, pin(inter)))
row("pin_root", "none", good, pins=(pin(root),))
row("pin_wrong", "pin mismatch", good, pins=("01" * 32,))
row("pin_zero", "pin mismatch", good, pins=("00" * 32,))
row("pin_of_presented_only", "pin mismatch", good, pins=(pin(stranger),), extra=(stranger,))
row("pin_of_another_root", "pin mismatch", good, pins=(pin(rsa_root),), extra=(rsa_root,))
row("pin_and_wrong_name", "name mismatch", good, pins=(pin(good),), ask="x.example.net")
untrusted = leaf(stranger)
row("pin_and_stranger", "not trusted", untrusted, pins=(pin(untrusted),))
alone = make("alone", san=(NAME,), start=NOW - 30 * DAY, end=NOW - DAY)
row("alone_expired", "none", alone, ask="", pins=(pin(alone),))
row("alone_stranger", "none", untrusted, ask="", pins=(pin(untrusted),))
row("alone_below", "none", untrusted, ask="", pins=(pin(stranger),), extra=(stranger,))
row("alone_wrong", "pin mismatch", untrusted, ask="", pins=("01" * 32,))
row("alone_not_below", "pin mismatch", untrusted, ask="", pins=(pin(root),), extra=(root,))
row("alone_root_not_shown", "pin mismatch", good, ask="", pins=(pin(root),))
row("alone_impostor", "not trusted", leaf(make("Stranger", ca=True)), ask="", pins=(pin(stranger),),
    extra=(stranger,))
late = leaf(stranger, start=NOW - 30 * DAY, end=NOW - DAY)
row("alone_below_expired", "expired", late, ask="", pins=(pin(stranger),), extra=(stranger,))
weak = leaf(key=rsa.generate_private_key(65537, 1024))
row("alone_weak", "weak key", weak, ask="", pins=(pin(weak),))
row("nothing_asked", "not trusted", good, ask="")

# Many authorities of one subject: the one that signed is known by its key identifier.
many = [make("One of many", ca=True, extra=key_id(i)) for i in range(300)]
(out / "auth_many.pem").write_bytes(pem(*many))
for index in (0, 299):
    row(f"many_{index}", "none", leaf(many[index], extra=signer_id(index)), ca="auth_many")
row("many_none", "not trusted", leaf(make("One of many", ca=True)), ca="auth_many")

(out / "auth_table.tsv").write_text("\n".join(rows) + "\n")
