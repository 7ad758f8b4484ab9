/* All that wolfSSL may ask of dotkeep beside memory; defined in src/tls/wolfssl_port.cc. Appended
 * to the generated user_settings.h, so assembly files include it too. */
#ifndef __ASSEMBLER__
#include <time.h>
#ifdef __cplusplus
extern "C" {
#endif
int dotkeep_wolfssl_seed(unsigned char* out, unsigned int size);
time_t dotkeep_wolfssl_time(time_t* out);
struct tm* dotkeep_wolfssl_gmtime(const time_t* in, struct tm* out);
/* What TLS 1.3's code calls with a stapled OCSP response, and what is left out where there is no
 * TLS 1.2. */
struct WOLFSSL;
int dotkeep_wolfssl_staple(struct WOLFSSL* ssl, unsigned char* input, unsigned int* index,
                           unsigned int size, int certificate);
#define ProcessCSR_ex dotkeep_wolfssl_staple
#ifdef __cplusplus
}
#endif
#endif
