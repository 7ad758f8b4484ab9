#!/usr/bin/python3
"""A TLS server by OpenSSL, as Python knows it; sends back what it reads. For one connection, on
descriptor 0, with the arguments CERTIFICATE.pem KEY; or, with the argument `many`, for any number:
descriptor 0 is then a SOCK_SEQPACKET whose records are those words (separated by newlines), each with
the connection's descriptor. Then any of: max12 (no TLS 1.3), groups=NAME, alpn=NAME,..., say=TEXT
(then close), close=at-once, garbage, tell (says first whether it resumed), forget (the keys of all
tickets), tickets=N, staple=FILE (an OCSP response)."""

import ctypes
import socket
import ssl
import sys
import threading

contexts = {}
libssl = ctypes.CDLL("libssl.so.3")
libssl.CRYPTO_malloc.restype = ctypes.c_void_p
STATUS_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
SET_STATUS_CALLBACK, SET_STATUS_RESPONSE = 63, 71  # SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB, ..._OCSP_RESP


def staple(context, file):
    """What Python's ssl leaves out. The context's SSL_CTX* lies behind the head of its object."""
    with open(file, "rb") as opened:
        octets = opened.read()

    def answer(tls, _):
        copy = libssl.CRYPTO_malloc(ctypes.c_size_t(len(octets)), b"peer.py", 0)
        ctypes.memmove(copy, octets, len(octets))
        libssl.SSL_ctrl(ctypes.c_void_p(tls), SET_STATUS_RESPONSE, ctypes.c_long(len(octets)), ctypes.c_void_p(copy))
        return 0

    context.kept = STATUS_CALLBACK(answer)
    at = ctypes.c_void_p.from_address(id(context) + object.__basicsize__).value
    libssl.SSL_CTX_callback_ctrl(ctypes.c_void_p(at), SET_STATUS_CALLBACK, context.kept)


class Context(ssl.SSLContext):
    kept = None


def make_context(certificate, key, options):
    context = Context(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if "max12" in options:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("DEFAULT@SECLEVEL=0")  # it must be able to show us weak keys
    context.load_cert_chain(certificate, key)
    if "groups" in options:
        context.set_ecdh_curve(options["groups"])
    if "alpn" in options:
        context.set_alpn_protocols(options["alpn"].split(","))
    if "staple" in options:
        staple(context, options["staple"])
    if "tickets" in options:
        context.num_tickets = int(options["tickets"])
    return context


def serve(sock, words):
    certificate, key, *rest = words
    options = dict(one.partition("=")[::2] for one in rest)
    if "garbage" in options:
        sock.recv(16384)
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        return
    if options.get("close") == "at-once":
        sock.recv(16384)
        return
    if "forget" in options:
        contexts.clear()
    # The keys of tickets belong to the context, which is why it is kept.
    kept = (certificate, *(one for one in rest if one not in ("forget", "tell")))
    if kept not in contexts:
        contexts[kept] = make_context(certificate, key, options)
    with contexts[kept].wrap_socket(sock, server_side=True) as tls:
        if "tell" in options:
            tls.sendall(b"resumed" if tls.session_reused else b"in full")
        if "say" in options:
            tls.sendall(options["say"].encode())
            tls.unwrap()
        while octets := tls.recv(65536):
            tls.sendall(octets)
        tls.unwrap()


def serve_one(sock, words):
    try:
        with sock:
            serve(sock, words)
    except (ssl.SSLError, OSError) as error:
        print(error, file=sys.stderr)


if sys.argv[1] == "many":
    requests = socket.socket(fileno=0)
    while True:
        record, descriptors, _, _ = socket.recv_fds(requests, 4096, 1)
        if not record:
            break
        threading.Thread(target=serve_one, daemon=True, args=(
            socket.socket(fileno=descriptors[0]), record.decode().split("\n"))).start()
else:
    serve_one(socket.socket(fileno=0), sys.argv[1:])
