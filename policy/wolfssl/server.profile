# Added to client.profile: the server's half, for the tests' peer (tests/tls/peer.cc) and, later, the
# doorman. Never in what the upstream is linked with.
undef NO_WOLFSSL_SERVER           : the server's half of the handshake
undef WOLFSSL_NO_CLIENT_AUTH      : the same code signs
undef WOLFSSL_MLKEM_NO_ENCAPSULATE : the server encapsulates
undef WOLFSSL_RSA_VERIFY_ONLY     : an RSA key may sign
undef WOLFSSL_RSA_PUBLIC_ONLY     : an RSA key may sign
undef NO_ED25519_SIGN             : an Ed25519 key may sign
undef NO_PKCS8                    : private keys come in PKCS #8
