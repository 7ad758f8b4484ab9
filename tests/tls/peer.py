#!/usr/bin/python3
"""A TLS server on descriptor 0, for one connection: OpenSSL by Python's ssl. Sends back what it
reads. Arguments: CERTIFICATE.pem KEY, then any of: max12 (no TLS 1.3), groups=NAME, alpn=NAME,...,
say=TEXT (then close), close=at-once, garbage"""

import socket
import ssl
import sys

options = dict(one.partition("=")[::2] for one in sys.argv[3:])
sock = socket.socket(fileno=0)
if "garbage" in options:
    sock.recv(16384)
    sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    sys.exit()
if options.get("close") == "at-once":
    sock.recv(16384)
    sys.exit()
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.minimum_version = ssl.TLSVersion.TLSv1_2
if "max12" in options:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
context.set_ciphers("DEFAULT@SECLEVEL=0")  # it must be able to show us weak keys
context.load_cert_chain(sys.argv[1], sys.argv[2])
if "groups" in options:
    context.set_ecdh_curve(options["groups"])
if "alpn" in options:
    context.set_alpn_protocols(options["alpn"].split(","))
try:
    with context.wrap_socket(sock, server_side=True) as tls:
        if "say" in options:
            tls.sendall(options["say"].encode())
            tls.unwrap()
        while octets := tls.recv(65536):
            tls.sendall(octets)
        tls.unwrap()
except (ssl.SSLError, OSError) as error:
    print(error, file=sys.stderr)
