// A TLS 1.3 server on descriptor 0, for one connection, by wolfSSL: what Debian's OpenSSL cannot
// offer, X25519MLKEM768. Sends back what it reads. Arguments: CERTIFICATE.pem KEY.pem, then any of
// hybrid (no other group), alpn=NAME (and no other protocol), chacha (no other cipher), updates=N
// (so many KeyUpdates that ask for one back, before anything is read), tell (says first whether it
// resumed). Its tickets are good at every other peer, since they have no key.
#include <sys/random.h>
#include <sys/socket.h>
#include <wolfssl/internal.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/settings.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

int dotkeep_wolfssl_seed(unsigned char* out, unsigned int size) {
  return getrandom(out, size, 0) == static_cast<ssize_t>(size) ? 0 : -1;
}
time_t dotkeep_wolfssl_time(time_t* out) {
  return std::time(out);
}
tm* dotkeep_wolfssl_gmtime(const time_t* in, tm* out) {
  return gmtime_r(in, out);
}
int dotkeep_wolfssl_staple(WOLFSSL* /*ssl*/, unsigned char* /*input*/, unsigned int* /*index*/,
                           unsigned int /*size*/, int /*certificate*/) {
  return -1;  // it asks no client for one
}

namespace {

std::string read_file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
const unsigned char* octets(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

int receive(WOLFSSL* /*ssl*/, char* text, int size, void* /*context*/) {
  const ssize_t count = recv(0, text, static_cast<std::size_t>(size), 0);
  return count > 0 ? static_cast<int>(count) : WOLFSSL_CBIO_ERR_CONN_CLOSE;
}
int transmit(WOLFSSL* /*ssl*/, char* text, int size, void* /*context*/) {
  const ssize_t count = send(0, text, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  return count > 0 ? static_cast<int>(count) : WOLFSSL_CBIO_ERR_CONN_CLOSE;
}

int hide_ticket(WOLFSSL* /*ssl*/, unsigned char* name, unsigned char* iv, unsigned char* mac,
                int encrypt, unsigned char* ticket, int size, int* out_size, void* /*context*/) {
  if (encrypt != 0) {
    std::memset(name, 1, WOLFSSL_TICKET_NAME_SZ);
    std::memset(iv, 1, WOLFSSL_TICKET_IV_SZ);
    std::memset(mac, 1, WOLFSSL_TICKET_MAC_SZ);
  }
  for (int i = 0; i < size; ++i) ticket[i] ^= 0x55;  // wolfSSL refuses one that is as it was
  *out_size = size;
  return WOLFSSL_TICKET_RET_OK;
}

int fail(const char* what) {
  static_cast<void>(std::fprintf(stderr, "peer: %s\n", what));
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return fail("CERTIFICATE KEY");
  const std::string certificate = read_file(argv[1]);
  const std::string key = read_file(argv[2]);
  wolfSSL_Init();
  WOLFSSL_CTX* ctx = wolfSSL_CTX_new(wolfTLSv1_3_server_method());
  wolfSSL_CTX_SetIORecv(ctx, receive);
  wolfSSL_CTX_SetIOSend(ctx, transmit);
  wolfSSL_CTX_set_TicketEncCb(ctx, hide_ticket);
  if (wolfSSL_CTX_use_certificate_chain_buffer(
          ctx, octets(certificate), static_cast<long>(certificate.size())) != WOLFSSL_SUCCESS) {
    return fail("certificate");
  }
  if (wolfSSL_CTX_use_PrivateKey_buffer(ctx, octets(key), static_cast<long>(key.size()),
                                        WOLFSSL_FILETYPE_PEM) != WOLFSSL_SUCCESS) {
    return fail("key");
  }
  WOLFSSL* ssl = wolfSSL_new(ctx);
  int updates = 0;
  bool tell = false;
  for (int i = 3; i < argc; ++i) {
    const std::string_view word = argv[i];
    int hybrid[] = {WOLFSSL_X25519MLKEM768};
    if (word == "hybrid" && wolfSSL_set_groups(ssl, hybrid, 1) != WOLFSSL_SUCCESS) {
      return fail("groups");
    }
    if (word.starts_with("updates=")) updates = std::atoi(argv[i] + std::strlen("updates="));
    if (word == "tell") tell = true;
    if (word == "chacha" &&
        wolfSSL_set_cipher_list(ssl, "TLS13-CHACHA20-POLY1305-SHA256") != WOLFSSL_SUCCESS) {
      return fail("cipher");
    }
    if (word.starts_with("alpn=")) {
      std::string name(word.substr(5));
      wolfSSL_UseALPN(ssl, name.data(), static_cast<unsigned>(name.size()),
                      WOLFSSL_ALPN_FAILED_ON_MISMATCH);
    }
  }
  if (wolfSSL_accept(ssl) != WOLFSSL_SUCCESS) return fail("handshake");
  if (tell) wolfSSL_write(ssl, wolfSSL_session_reused(ssl) != 0 ? "resumed" : "in full", 7);
  for (int i = 0; i < updates && wolfSSL_update_keys(ssl) == WOLFSSL_SUCCESS; ++i) {
    ssl->keys.updateResponseReq = 0;  // or it would ask only once until it is answered
  }
  char text[16384];
  for (int count = wolfSSL_read(ssl, text, sizeof text); count > 0;
       count = wolfSSL_read(ssl, text, sizeof text)) {
    wolfSSL_write(ssl, text, count);
  }
  wolfSSL_shutdown(ssl);
  wolfSSL_free(ssl);
  wolfSSL_CTX_free(ctx);
  return 0;
}
