"""Real messages, mutated, from clients and from upstreams: nothing dies, nothing leaks, nobody gets nonsense.

A sample of 20,000; with DOTKEEP_FULL=1 200,000."""

import collections
import pathlib
import random
import select
import socket
import struct
import time

import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype

from support import answers, dnsclient, paths, procfs
from support.client_rows import ROWS
from support.fault_server import FaultServer, tls_context
from support.mutate import mutated

COUNT = 200_000 if paths.FULL else 20_000
BATCH = 1000
SEED = 7858
BARRIER = struct.pack(">6H", 0xBBBB, 2 << 11, 0, 0, 0, 0)  # STATUS: NOTIMP at once, behind all that came before
LEAK = 1024  # KiB: what the resident memory of all processes together may grow from an early batch to the end


def parse(octets):
    """The whole of it, or an exception. Opcodes that dnspython does not know are QUERY to it. None: it holds
    SvcParams in AliasMode, which dnspython refuses and RFC 9460 section 2.4.2 tells recipients to ignore."""
    try:
        return dns.message.from_wire(octets[:2] + bytes([octets[2] & 0x87]) + octets[3:])
    except dns.exception.FormError as error:
        if str(error) != "parameters in AliasMode":
            raise
        return None


def check_answer(query, octets):
    """A message that reached a client is well formed, ours to give and about its question."""
    parsed = parse(octets)
    assert octets[:2] == query[:2] and octets[2] & 0x80
    if parsed is None:
        return dns.rcode.NOERROR
    if parsed.question:
        end = answers.question_end(octets)
        assert octets[12:end] == query[12:end], "another question came back"
    else:
        assert parsed.rcode() in (1, 4), "only what could not be read goes without its question"
    assert not parsed.additional
    if not parsed.answer:
        return parsed.rcode()
    dnames = [rrset for rrset in parsed.answer if rrset.rdtype == dns.rdatatype.DNAME]
    assert parsed.rcode() in (0, 3) or (parsed.rcode() == dns.rcode.YXDOMAIN and dnames)
    asked = parsed.question[0].name
    reached, above = {asked}, set()
    for rrset in parsed.answer:  # in the order in which they lead from one to the next
        if rrset.rdtype == dns.rdatatype.DNAME:
            assert any(name.is_subdomain(rrset.name) for name in reached)
            above.add(rrset.name)
            continue
        assert rrset.name in reached | above, f"{rrset.name} does not answer {asked}"
        if rrset.rdtype == dns.rdatatype.CNAME:
            reached |= {rdata.target for rdata in rrset}
    return parsed.rcode()


class Watch:
    """The processes below one dotkeep: always the same, and no larger than they were."""

    def __init__(self, dotkeep):
        self.dotkeep, self.pids, self.sizes = dotkeep, dotkeep.workers(), []

    def look(self):
        assert self.dotkeep.workers() == self.pids, f"a worker died:\n{self.dotkeep.log.text()}"
        self.sizes.append(sum(int(procfs.status(pid)["VmRSS"].split()[0]) for pid in self.pids))

    def check(self):
        early = max(self.sizes[:max(3, len(self.sizes) // 4)])
        print(f"resident: {self.sizes[0]} KiB at first, {early} early, {self.sizes[-1]} at the end")
        assert self.sizes[-1] - early <= LEAK, self.sizes


# No cache: what it holds would be told from a leak by nobody. No rate: this is one client.
SETTINGS = {"cache": {"size": "0KiB"}, "limits": {"pending_per_client": 4096, "exempt": ["127.0.0.0/8"]},
            "query": {"timeout": "1s"}}


def ask_plainly(number, tries=8):
    """A plain query is answered: at once, or after what the last lie of the batch cost."""
    name = f"plain{number}.example"
    for _ in range(tries):
        response = dnsclient.query(name, timeout=3)
        if dnsclient.addresses(response) == [answers.ipv4_for(name)]:
            return
        time.sleep(0.1)  # a connection that a lie had ended is opened again after a back-off
    raise AssertionError(f"{name} is not answered: {response}")


def real_queries(rng):
    names = ["n1.example", "www.a-longer-name.with.labels.example", "nx.example", "."]
    queries = [dns.message.make_query(rng.choice(names), rtype, use_edns=edns, want_dnssec=do).to_wire()
               for rtype in ("A", "AAAA", "TXT", "MX", "HTTPS", "SOA", "TYPE65280", "ANY", "AXFR")
               for edns, do in ((False, False), (0, False), (0, True))]
    return queries + [b"\0\0" + row.tail for row in ROWS.values()]


def read_all(sock, outstanding, found, wait):
    """Answers that are there, or come until the barrier's does."""
    while select.select([sock], [], [], wait)[0]:
        octets = sock.recv(65535)
        if octets[:2] == BARRIER[:2]:
            return
        query = outstanding.pop(octets[:2], None)
        assert query is not None, "an answer to what was not asked, or a second one"
        found[check_answer(query, octets)] += 1


def test_mutated_queries_over_udp(start, good_server):
    rng = random.Random(SEED)
    dotkeep = start([good_server], **SETTINGS)
    watch, queries, found = Watch(dotkeep), real_queries(rng), collections.Counter()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        sock.connect((dnsclient.SERVER, 53))
        for batch in range(COUNT * 3 // 8 // BATCH):
            outstanding = {}
            for number in range(BATCH):
                query = mutated(rng, rng.choice(queries), queries, 2)
                query = struct.pack(">H", number) + query[2:1400]
                outstanding[query[:2]] = query
                sock.send(query)
                if number % 50 == 49:
                    sock.send(BARRIER)
                    read_all(sock, outstanding, found, 2)
            ask_plainly(batch)
            read_all(sock, outstanding, found, 0.02)  # those that went upstream
            watch.look()
            # What was taken before a barrier has been answered by now or never will be.
            assert sum(found.values()) > 0
    watch.check()
    print(f"answers by RCODE: {dict(found)}")
    assert found[0] > COUNT / 100 and found[1] > COUNT / 100, found


def test_mutated_streams_of_clients(start, good_server):
    """Frames whose lengths lie, joined and cut anywhere; each connection ends or goes on answering."""
    rng = random.Random(SEED + 1)
    dotkeep = start([good_server], **SETTINGS)
    watch, queries, found = Watch(dotkeep), real_queries(rng), collections.Counter()
    for batch in range(COUNT // 8 // BATCH or 1):
        for _ in range(BATCH // 20):
            frames, outstanding = b"", collections.defaultdict(list)
            for number in range(20):
                query = struct.pack(">H", number) + mutated(rng, rng.choice(queries), queries, 2)[2:1400]
                outstanding[query[:2]].append(query)
                frames += struct.pack(">H", len(query) ^ (rng.random() < 0.01)) + query
            if rng.random() < 0.5:
                frames = frames[:rng.randrange(len(frames))]
            with dnsclient.TcpClient(timeout=2) as client:
                for at in range(0, len(frames), cut := rng.choice((7, 500, 65536))):
                    try:
                        client.send_octets(frames[at:at + cut])
                    except (BrokenPipeError, ConnectionResetError):
                        break
                read_stream(client, outstanding, found)
        ask_plainly(batch)
        watch.look()
    watch.check()
    print(f"answers by RCODE: {dict(found)}")
    assert sum(found.values()) > COUNT / 40


def read_stream(client, outstanding, found):
    """Everything until the server has ended the connection, which it does when we end our half."""
    try:
        client.half_close()
        while (octets := client.receive()) is not None:
            candidates = outstanding.get(octets[:2], ())
            # Where a length lied, what was read as a message is none that was written.
            if len(candidates) == 1 and candidates[0][12:16] == octets[12:16]:
                found[check_answer(candidates[0], octets)] += 1
            else:
                found[parse(octets).rcode()] += 1
    except (OSError, TimeoutError):
        pass  # a message that never ends: the server waits for the rest


def real_replies():
    """Replies that others made, without what is put in front of them: the question, and the id."""
    replies = []
    for file in sorted(pathlib.Path(paths.SOURCE, "fuzz/seeds/reply").iterdir()):
        if file.name.startswith("found-"):
            continue  # what a fuzzer made is far from any real message
        message = file.read_bytes()[1:]
        try:
            parsed = dns.message.from_wire(message)
        except dns.exception.DNSException:
            continue
        if len(parsed.question) == 1:
            replies.append(message)
    assert len(replies) > 40
    return replies


def test_mutated_replies(start, leaf):
    """Four servers that cannot be trusted, asked for names of their own (www is what the replies are for): one answer
    for many clients would be one lie for many."""
    rng = random.Random(SEED + 2)
    replies = real_replies()
    by_question = collections.defaultdict(list)
    for reply in replies:
        if reply[12:16] == b"\3www":
            by_question[reply[16:answers.question_end(reply)]].append(reply)
    told = collections.Counter()

    def lying(connection, query):
        if answers.name_of(query).startswith("plain"):
            return connection.send(answers.answer(query))
        end = answers.question_end(query)
        real = rng.choice(by_question[query[16:end]]).replace(b"\3www", query[12:16])
        front = query[:2] + real[2:12] + query[12:end]
        dice = rng.random()
        whole = front + real[answers.question_end(real):]
        if dice < 0.02:
            reply = mutated(rng, whole, replies)
        elif dice < 0.25:
            reply = query[:2] + mutated(rng, whole, replies, 2)[2:12] + mutated(rng, whole, replies, end)[12:]
        else:
            reply = mutated(rng, whole, replies, end)
        told["replies"] += 1
        frame = struct.pack(">H", len(reply)) + reply
        if rng.random() < 0.002:
            told["frames"] += 1
            frame = mutated(rng, frame, replies)
        at = rng.randrange(len(frame) + 1)
        connection.send_octets(frame[:at])
        connection.send_octets(frame[at:])

    servers = [FaultServer(f"127.0.0.{i}", tls_context(leaf), lying) for i in range(2, 6)]
    for server in servers:
        server.start()
    try:
        dotkeep = start(servers, **SETTINGS)
        watch, found = Watch(dotkeep), collections.Counter()
        questions = list(by_question)
        batch = 0
        while told["replies"] < COUNT // 2:
            ask_the_liars(rng, questions, found)
            ask_plainly(batch)
            watch.look()
            batch += 1
        watch.check()
        print(f"told {dict(told)} in {batch} batches; answers by RCODE: {dict(found)}")
        assert found[0] > COUNT / 100 and found[2] > COUNT / 20
    finally:
        for server in servers:
            server.stop()


def ask_the_liars(rng, questions, found):
    outstanding = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        sock.connect((dnsclient.SERVER, 53))
        opt = b"\0" + struct.pack(">HHIH", 41, 1232, 0x8000, 0)
        for number in range(BATCH // 2):
            name = bytes([3, *rng.choices(b"abcdefghijklmnopqrstuvwxyz0123456789", k=3)])
            query = struct.pack(">6H", number, 0x0100, 1, 0, 0, 1) + name + rng.choice(questions) + opt
            outstanding[query[:2]] = query
            sock.send(query)
            while len(outstanding) > 200:
                one_answer(sock, outstanding, found)
        while outstanding:
            one_answer(sock, outstanding, found)


def one_answer(sock, outstanding, found):
    """Each query is answered in time: with the truth, with a lie that fits its question, or with SERVFAIL."""
    sock.settimeout(3)
    octets = sock.recv(65535)
    found[check_answer(outstanding.pop(octets[:2]), octets)] += 1
