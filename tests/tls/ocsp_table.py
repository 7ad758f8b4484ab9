"""The table of stapled OCSP responses. A row becomes a chain in ocsp_NAME.pem, the response (none: the
server staples nothing) in ocsp_NAME.der and a line of ocsp_table.tsv: name, policy, fault ("none":
believed). ocsp_test.cc shows each of them to a session."""

from cryptography.x509 import ocsp

from certs import *  # noqa: F403

START, END = NOW.replace(tzinfo=None) - DAY, NOW.replace(tzinfo=None) + 3 * DAY
Good, Revoked, Unknown = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN
PROMISE = ((x509.TLSFeature([x509.TLSFeatureType.status_request]), False),)
rows = []
root = make("OCSP Root", ca=True, key=P384()).write("ocsp_root")
inter = make("OCSP Intermediate", root, ca=True)
other = make("OCSP Intermediate", root, ca=True)  # of the same name, with another key
responder = make("Responder", inter, eku=(Eku.OCSP_SIGNING,))


def leaf(*extra, **more):
    return make("x", inter, san=("dns.example.net",), extra=extra, **more)


promising = leaf(*PROMISE)
silent = leaf()


def says(of, status=Good, start=START, end=END, issuer=inter, by=None, certificates=(),
         name_by=hashes.SHA1(), encoding=ocsp.OCSPResponderEncoding.HASH):
    by = by or issuer
    builder = ocsp.OCSPResponseBuilder().add_response(
        of.certificate, issuer.certificate, name_by, status, start, end,
        START if status == Revoked else None,
        x509.ReasonFlags.key_compromise if status == Revoked else None)
    builder = builder.responder_id(encoding, by.certificate)
    if certificates:
        builder = builder.certificates([one.certificate for one in certificates])
    hash = None if isinstance(by.key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(by.key, hash).public_bytes(serialization.Encoding.DER)


def row(name, fault, of, staple=None, policy="must-staple"):
    of.write("ocsp_" + name)
    (out / f"ocsp_{name}.der").write_bytes(staple or b"")
    rows.append("\t".join((name, policy, fault)))


def both(name, fault, staple_of, ignored="none"):
    """A fault where a staple must be good: by the certificate's word and by the configuration's; and
    what of it is left where it need not be there."""
    row(name, fault, promising, staple_of(promising))
    row(name + "_required", fault, silent, staple_of(silent), "require")
    row(name + "_ignored", ignored, silent, staple_of(silent))


# Good ones.
row("silent", "none", silent)
both("good", "none", says)
both("good_sha256", "none", lambda of: says(of, name_by=hashes.SHA256()))
both("good_by_name", "none", lambda of: says(of, encoding=ocsp.OCSPResponderEncoding.NAME))
both("good_responder", "none", lambda of: says(of, by=responder, certificates=(responder,)))
both("good_responder_among", "none", lambda of: says(of, by=responder, certificates=(inter, responder)))
ed_responder = make("Ed Responder", inter, eku=(Eku.OCSP_SIGNING,), key=ed25519.Ed25519PrivateKey.generate())
both("good_responder_ed25519", "none", lambda of: says(of, by=ed_responder, certificates=(ed_responder,)))

# As long a chain as is taken, and one that ends between two of its certificates.
promising.write("ocsp_long", extra=(root,) * 4)
(out / "ocsp_long.der").write_bytes(says(promising))
rows.append("long\tmust-staple\tnone")
make("x", inter, san=("other.example.net",), extra=PROMISE).write("ocsp_other_name", extra=(root, other, responder))
(out / "ocsp_other_name.der").write_bytes(says(promising))
promising.write("ocsp_too_long", extra=(root,) * 5)
(out / "ocsp_too_long.der").write_bytes(says(promising))
rows.append("too_long\tmust-staple\tcertificate form")

# Nothing.
row("missing", "status missing", promising)
row("missing_required", "status missing", silent, policy="require")

# What it says.
both("revoked", "revoked", lambda of: says(of, Revoked), "revoked")
both("revoked_long_ago", "revoked", lambda of: says(of, Revoked, start=START - 90 * DAY, end=START - 80 * DAY),
     "revoked")
both("revoked_to_come", "revoked", lambda of: says(of, Revoked, start=END, end=END + DAY), "revoked")
late_responder = make("R", inter, eku=(Eku.OCSP_SIGNING,), start=NOW - 9 * DAY, end=NOW - DAY)
both("revoked_by_expired_responder", "revoked", lambda of: says(of, Revoked, by=late_responder, certificates=(late_responder,)),
     "revoked")
both("unknown", "status unknown", lambda of: says(of, Unknown))
both("over", "status stale", lambda of: says(of, start=START - 9 * DAY, end=START))
both("to_come", "status stale", lambda of: says(of, start=END, end=END + DAY))
both("endless", "status stale", lambda of: says(of, end=None))

# Of whom, and by whom.
both("other_certificate", "status invalid", lambda of: says(responder))
both("other_issuer", "status invalid", lambda of: says(of, issuer=other, by=inter))
both("other_key", "status invalid", lambda of: says(of, by=other))
both("by_root", "status invalid", lambda of: says(of, by=root))
both("by_root_with_it", "status invalid", lambda of: says(of, by=root, certificates=(root,)))
both("revoked_by_a_stranger", "status invalid", lambda of: says(of, Revoked, by=other))
for what, made in {
    "without_eku": make("R", inter, eku=()),
    "for_servers": make("R", inter),
    "any_eku": make("R", inter, eku=(Eku.ANY_EXTENDED_KEY_USAGE,)),
    "of_root": make("R", root, eku=(Eku.OCSP_SIGNING,)),
    "of_namesake": make("R", other, eku=(Eku.OCSP_SIGNING,)),
    "expired": make("R", inter, eku=(Eku.OCSP_SIGNING,), start=NOW - 9 * DAY, end=NOW - DAY),
    "early": make("R", inter, eku=(Eku.OCSP_SIGNING,), start=NOW + DAY),
    "weak": make("R", inter, eku=(Eku.OCSP_SIGNING,), key=rsa.generate_private_key(65537, 1024)),
    "no_signatures": make("R", inter, eku=(Eku.OCSP_SIGNING,), key_usage=usage(True)),
}.items():
    both("responder_" + what, "status invalid", lambda of, by=made: says(of, by=by, certificates=(by,)))
both("responder_not_shown", "status invalid", lambda of: says(of, by=responder))


# The form.
def broken(change):
    return lambda of: change(bytearray(says(of)))


def cut(octets):
    return bytes(octets[:-1])


def flipped(octets):
    octets[-9] ^= 1
    return bytes(octets)


both("cut", "status invalid", broken(cut))
both("flipped", "status invalid", broken(flipped))
both("followed", "status invalid", broken(lambda octets: bytes(octets) + b"\0"))
both("try_later", "status invalid", lambda of: ocsp.OCSPResponseBuilder.build_unsuccessful(
    ocsp.OCSPResponseStatus.TRY_LATER).public_bytes(serialization.Encoding.DER))
both("no_response", "status invalid", lambda of: b"\x30\x00")

(out / "ocsp_table.tsv").write_text("".join(one + "\n" for one in rows))
