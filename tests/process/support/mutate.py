"""Messages with something wrong in them: seeded, so that a run can be repeated."""

import struct

_OCTETS = (0x00, 0x01, 0x3F, 0x40, 0x80, 0xC0, 0xFE, 0xFF)
_WORDS = (0, 1, 2, 0x7FFF, 0x8000, 0xC00C, 0xFFFF)


def _flip_bit(random, m, others):
    at = random.randrange(len(m) * 8)
    m[at >> 3] ^= 1 << (at & 7)


def _set_octet(random, m, others):
    m[random.randrange(len(m))] = random.choice(_OCTETS)


def _set_word(random, m, others):
    at = random.randrange(len(m) - 1)
    m[at:at + 2] = struct.pack(">H", random.choice(_WORDS))


def _lie_about_a_count(random, m, others):
    at = random.choice((4, 6, 8, 10))
    if len(m) >= at + 2:
        m[at:at + 2] = struct.pack(">H", random.choice((0, 1, 2, 3, 255, 65535)))


def _nudge_a_length(random, m, others):
    """Some octet, which may be the low one of an RDLENGTH or a label's length, one more or less."""
    at = random.randrange(len(m))
    m[at] = (m[at] + random.choice((-1, 1))) & 0xFF


def _cut(random, m, others):
    del m[random.randrange(len(m)):]


def _remove(random, m, others):
    at = random.randrange(len(m))
    del m[at:at + random.randrange(1, 24)]


def _repeat(random, m, others):
    """A stretch twice, as long as a record or so."""
    at = random.randrange(len(m))
    stretch = m[at:at + random.randrange(1, 60)]
    m[at:at] = stretch


def _insert(random, m, others):
    at = random.randrange(len(m) + 1)
    m[at:at] = random.randbytes(random.randrange(1, 16))


def _join(random, m, others):
    """This one's front and another one's back."""
    other = random.choice(others)
    m[random.randrange(len(m)):] = other[random.randrange(len(other)):]


_ALL = (_flip_bit, _flip_bit, _flip_bit, _set_octet, _set_word, _lie_about_a_count, _nudge_a_length, _cut, _remove,
        _repeat, _insert, _join)


def mutated(random, message, others, first=0):
    """`message` with one to three things wrong from offset `first` on; never the same octets."""
    front, m = message[:first], bytearray(message[first:])
    for _ in range(random.choice((1, 1, 2, 3))):
        if len(m) > 1:
            random.choice(_ALL)(random, m, others)
    changed = front + bytes(m)
    return changed if changed != message else changed + b"\0"
