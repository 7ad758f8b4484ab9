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
#ifdef __cplusplus
}
#endif
#endif
