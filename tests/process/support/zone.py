"""The zone that every packaged server serves in the tests."""

ZONE = "zone.example"

# A name of 255 octets on the wire, the most there is (RFC 1035 section 2.3.4).
LONGEST = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 48, ZONE])

# 16 strings of 250 octets: more than 4,000 octets of RDATA.
BIG_TEXTS = [chr(ord("a") + i) * 250 for i in range(16)]

RECORDS = f"""\
@            300 IN SOA   ns.{ZONE}. root.{ZONE}. 1 3600 600 86400 60
@            300 IN NS    ns.{ZONE}.
ns           300 IN A     192.0.2.53
@            300 IN A     192.0.2.1
www          300 IN A     192.0.2.80
www          300 IN AAAA  2001:db8::80
@            300 IN MX    10 mail.{ZONE}.
@            300 IN MX    20 mail2.{ZONE}.
mail         300 IN A     192.0.2.25
mail2        300 IN A     192.0.2.26
text         300 IN TXT   "hello" "and \\"quotes\\"" "back\\\\slash"
big          300 IN TXT   {" ".join(f'"{t}"' for t in BIG_TEXTS)}
_sip._tcp    300 IN SRV   1 2 5060 www.{ZONE}.
svc          300 IN HTTPS 1 . alpn="h2,h3" ipv4hint="192.0.2.80"
alias        300 IN CNAME www.{ZONE}.
alias2       300 IN CNAME alias.{ZONE}.
*.wild       300 IN A     192.0.2.99
caa          300 IN CAA   0 issue "ca.example"
{LONGEST}.   300 IN A     192.0.2.255
"""


def as_zone_file():
    return f"$ORIGIN {ZONE}.\n$TTL 300\n{RECORDS}"
