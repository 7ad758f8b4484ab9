# What wolfSSL is for dotkeep: a TLS 1.3 client and the few primitives it needs, nothing else.
# tools/build-wolfssl turns this into user_settings.h and the list of files to compile. One line is
#
#   [condition] define NAME [VALUE] : reason      a setting (wolfSSL's own word)
#   [condition] source PATH         : reason      a file of the archive, compiled into libwolfssl.a
#   [condition] flag FLAG           : reason      an option of the compiler
#   import NAME...                  : reason      symbols it may ask for; any other stops the build
#
# where a condition is x86_64 or other (every other architecture). A line without a reason stops
# the build, as in policy/*.policy. What is not named here is not in the library.

# Protocol
define WOLFSSL_TLS13              : the only version spoken (RFC 8446)
define WOLFSSL_NO_TLS12           : RFC 7858 allows it, downgrades live on it
define NO_OLD_TLS                 : 1.0 and 1.1 are deprecated (RFC 8996)
define NO_WOLFSSL_SERVER          : no client can make this library act as a server
define HAVE_TLS_EXTENSIONS        : TLS 1.3 is made of extensions
define HAVE_SUPPORTED_CURVES      : supported_groups, required by TLS 1.3
define HAVE_HKDF                  : the key schedule (RFC 8446 section 7.1)
define HAVE_SNI                   : server_name: resolvers choose their certificate by it (RFC 6066)
define HAVE_ALPN                  : "dot" tells DoT from whatever else shares the port (RFC 7301)
define HAVE_CERTIFICATE_STATUS_REQUEST : a stapled OCSP response can be asked for and comes in whole; src/tls/ocsp.cc judges it (docs/decisions/ocsp.md)
define HAVE_OCSP                  : the former does not build without; no response is asked for over the network, nor judged here
define HAVE_SESSION_TICKET        : resumption (RFC 8446 section 2.2); early data is not in the library
define TLS13_TICKET_NONCE_STATIC_SZ 255 : any nonce that RFC 8446 section 4.6.1 allows; with the default of 8 a longer one is a fatal error
define SMALL_SESSION_CACHE        : the code that hands a session to the next handshake comes with a table; ours is switched off (src/tls/wolfssl_context.cc)
define SESSION_CACHE_DYNAMIC_MEM  : so that the table that is never used takes no memory
define NO_PSK                     : external keys; resumption works without
define WOLFSSL_NO_CLIENT_AUTH     : we hold no key, so nothing may sign
define NO_DH                      : finite fields: slow, unused by resolvers
define WOLFSSL_MAX_EMPTY_RECORDS 8 : records without content cost the reader and pay nothing
define MAX_CHAIN_DEPTH 6          : leaf, intermediates, cross-signs; each one costs a signature check
define WOLFSSL_ALT_CERT_CHAINS    : a cross-signed root at the chain's end must not hide the anchored path; our own path check decides which certificates counted
define WOLFSSL_ALWAYS_VERIFY_CB   : our checks run inside the handshake, before our Finished is sent
define WOLFSSL_HOSTNAME_VERIFY_ALT_NAME_ONLY : never the common name (RFC 9525 section 2)

# Key exchange and signatures
define HAVE_ECC                   : P-256 key exchange, ECDSA
define ECC_USER_CURVES            : only the curves named below, not every one of wolfCrypt's
define HAVE_ECC384                : ECDSA P-384 is what CAs sign with
define ECC_TIMING_RESISTANT       : constant time
define ECC_SHAMIR                 : signature checks at half the price; inputs are public
define ECC_MIN_KEY_SZ 256         : nothing under P-256
define HAVE_CURVE25519            : X25519
other define WOLFSSL_CURVE25519_BLINDING : hides a scalar multiplication from who shares the core; the assembly is constant time without
define HAVE_ED25519               : Ed25519 leaves and CAs
define NO_ED25519_SIGN            : we never sign
define WOLFSSL_HAVE_MLKEM         : ML-KEM (FIPS 203)
define WOLFSSL_NO_ML_KEM_512      : only X25519MLKEM768 is offered
define WOLFSSL_NO_ML_KEM_1024     : only X25519MLKEM768 is offered
define WOLFSSL_PQC_HYBRIDS        : X25519MLKEM768: safe while either half is
define WOLFSSL_TLS_NO_MLKEM_STANDALONE : never ML-KEM alone
define WOLFSSL_MLKEM_NO_ENCAPSULATE : the server's half of ML-KEM
define WC_RSA_PSS                 : CertificateVerify with RSA keys (RFC 8446 section 4.2.3)
define WC_RSA_BLINDING            : asked for by wolfCrypt whatever the use
define WOLFSSL_RSA_VERIFY_ONLY    : we hold no RSA key
define WOLFSSL_RSA_PUBLIC_ONLY    : no code for private RSA keys
define RSA_MIN_SIZE 2048          : smaller keys can be bought
define WOLFSSL_SHA3               : inside ML-KEM
define WOLFSSL_SHAKE128           : inside ML-KEM
define WOLFSSL_SHAKE256           : inside ML-KEM
define WOLFSSL_CHECK_SIG_FAULTS   : a flipped bit must not turn a bad signature good
define WC_SHA3_FAULT_HARDEN       : the same for the hash inside ML-KEM
define WC_MLKEM_FAULT_HARDEN      : the same for ML-KEM itself

# Ciphers and hashes
define HAVE_AESGCM                : TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384
define GCM_TABLE_4BIT             : without AES-NI: small tables
define NO_AES_CBC                 : no TLS 1.3 suite has it
define NO_AES_192                 : no suite has it
define HAVE_CHACHA                : TLS_CHACHA20_POLY1305_SHA256 for cores without AES instructions
define HAVE_POLY1305              : its authenticator
define HAVE_ONE_TIME_AUTH         : names the same to TLS
define WOLFSSL_SHA384             : TLS_AES_256_GCM_SHA384, ECDSA P-384
define WOLFSSL_SHA512             : Ed25519, some roots
define NO_SHA                     : SHA-1 is broken for signatures, nothing else needs it
define NO_MD5                     : broken
define NO_MD4                     : broken
define NO_RC4                     : broken
define NO_DES3                    : obsolete
define NO_DSA                     : obsolete
define NO_PWDBASED                : no encrypted keys, no keys at all
define NO_PKCS8                   : no private keys
define NO_PKCS12                  : no key stores

# Arithmetic
define WOLFSSL_SP_MATH_ALL        : any size up to SP_INT_BITS, constant time where it is secret
define HAVE___UINT128_T 1         : products of 64-bit words in one step
define WOLFSSL_HAVE_SP_RSA        : fast RSA 2048 and 3072
define WOLFSSL_SP_4096            : fast RSA 4096
define WOLFSSL_HAVE_SP_ECC        : fast P-256
define WOLFSSL_SP_384             : fast P-384
define SP_INT_BITS 4096           : RSA up to 4096; longer keys are refused
x86_64 define WOLFSSL_SP_X86_64_ASM : assembly for the above
x86_64 define USE_INTEL_SPEEDUP   : AVX2 ML-KEM, X25519, SHA, ChaCha20, chosen by CPUID at run time
x86_64 define WOLFSSL_AESNI       : AES in hardware, chosen by CPUID at run time
x86_64 define WOLFSSL_X86_64_BUILD : tells the assembly files the ABI

# Certificates
define WOLFSSL_ASN_TEMPLATE       : the table-driven ASN.1 parser

# What it may ask of the system: memory, and three functions of ours (docs/wolfssl-resources.md)
define SINGLE_THREADED            : so is every process of ours; no locks
define NO_FILESYSTEM              : trust anchors arrive as octets
define WOLFSSL_USER_IO            : records move through our buffers, no socket calls
define WOLFSSL_NO_SOCK            : no socket headers either
define NO_WRITEV                  : no writev wrapper
define NO_STDIO_FILESYSTEM        : no FILE
define NO_MAIN_DRIVER             : a library
define WOLFSSL_IGNORE_FILE_WARN   : settings for files that are only included by others
define CUSTOM_RAND_GENERATE_SEED dotkeep_wolfssl_seed : getrandom(2) and nothing else: no /dev/urandom, which a sealed process cannot open
define HAVE_HASHDRBG              : SHA-256 DRBG over that seed
define XTIME dotkeep_wolfssl_time : static glibc's time() is a system call; ours reads the vDSO
define XGMTIME dotkeep_wolfssl_gmtime : glibc's gmtime_r reads the time zone file at first use
define TIME_OVERRIDES             : the two above everywhere, gettimeofday nowhere
define HAVE_TIME_T_TYPE           : their types are the C library's
define HAVE_TM_TYPE               : their types are the C library's
flag -U__unix__                   : leaves out wrappers of open, socket and accept that nothing here calls
define NO_ERROR_QUEUE             : a per-thread list nobody reads

import dotkeep_wolfssl_seed dotkeep_wolfssl_time dotkeep_wolfssl_gmtime : the hooks above (src/tls/wolfssl_port.cc)
import dotkeep_wolfssl_staple     : takes a stapled OCSP response: wolfSSL's own code for it goes with TLS 1.2 (src/tls/wolfssl_staple.cc)
import malloc realloc free        : the one resource it takes
import memcpy memmove memset memcmp bcmp : pure
import strlen strcmp strncmp strchr strstr strncpy strcasecmp __ctype_tolower_loc : pure
import _GLOBAL_OFFSET_TABLE_ __stack_chk_fail __udivti3 __umodti3 __getauxval : the compiler's own

# Files
source src/internal.c             : records, handshake, certificate processing
source src/keys.c                 : keys into ciphers
source src/ssl.c                  : the interface (includes what is enabled of src/ssl_*.c)
source src/ocsp.c                 : its objects are made with every context, and never asked
source src/tls.c                  : extensions
source src/tls13.c                : the TLS 1.3 handshake
source src/wolfio.c               : the I/O callbacks' glue
source wolfcrypt/src/aes.c        : AES-GCM
source wolfcrypt/src/asn.c        : certificates and signatures
source wolfcrypt/src/chacha.c     : ChaCha20
source wolfcrypt/src/chacha20_poly1305.c : the AEAD
source wolfcrypt/src/coding.c     : base64 and hexadecimal, asked for by asn.c
source wolfcrypt/src/cpuid.c      : which instructions there are
source wolfcrypt/src/curve25519.c : X25519
source wolfcrypt/src/ecc.c        : P-256, P-384
source wolfcrypt/src/ed25519.c    : Ed25519
source wolfcrypt/src/error.c      : words for errors
source wolfcrypt/src/fe_operations.c : field of X25519 and Ed25519
source wolfcrypt/src/ge_operations.c : group of Ed25519
source wolfcrypt/src/hash.c       : hashes by number
source wolfcrypt/src/hmac.c       : the key schedule
source wolfcrypt/src/kdf.c        : HKDF labels
source wolfcrypt/src/logging.c    : error traces, empty here but linked to
source wolfcrypt/src/memory.c     : malloc and free
source wolfcrypt/src/poly1305.c   : Poly1305
source wolfcrypt/src/random.c     : the DRBG
source wolfcrypt/src/rsa.c        : RSA signatures, checked only
source wolfcrypt/src/sha256.c     : SHA-256
source wolfcrypt/src/sha3.c       : SHA-3 and SHAKE, inside ML-KEM
source wolfcrypt/src/sha512.c     : SHA-384, SHA-512
source wolfcrypt/src/signature.c  : signature checks by kind
source wolfcrypt/src/sp_int.c     : integers
source wolfcrypt/src/wc_encrypt.c : keys of encrypted PEM; needed to link
source wolfcrypt/src/wc_mlkem.c   : ML-KEM
source wolfcrypt/src/wc_mlkem_poly.c : its polynomials
source wolfcrypt/src/wc_port.c    : atomics and clock glue
source wolfcrypt/src/wolfmath.c   : helpers of the integers
other source wolfcrypt/src/sp_c64.c : fast curves and RSA in C
x86_64 source wolfcrypt/src/sp_x86_64.c : fast curves and RSA
x86_64 source wolfcrypt/src/sp_x86_64_asm.S : the same
x86_64 source wolfcrypt/src/aes_asm.S : AES-NI
x86_64 source wolfcrypt/src/aes_gcm_asm.S : AES-GCM with AES-NI, AVX
x86_64 source wolfcrypt/src/chacha_asm.S : ChaCha20 with AVX2
x86_64 source wolfcrypt/src/fe_x25519_asm.S : X25519 with BMI2, ADX
x86_64 source wolfcrypt/src/poly1305_asm.S : Poly1305 with AVX2
x86_64 source wolfcrypt/src/sha256_asm.S : SHA-256 with AVX2
x86_64 source wolfcrypt/src/sha3_asm.S : SHAKE with AVX2, BMI2
x86_64 source wolfcrypt/src/sha512_asm.S : SHA-512 with AVX2
x86_64 source wolfcrypt/src/wc_mlkem_asm.S : ML-KEM with AVX2
