// What the wolfSSL library asks of the system beside memory: randomness and the date. The build
// profile (policy/wolfssl) sends every such question here and its `import` lines prove it.
#include <ctime>

#include "base/random.h"
#include "tls/civil_time.h"

// The prototypes come from policy/wolfssl/hooks.h.
#include <wolfssl/wolfcrypt/settings.h>

// getrandom(2), never a device file: a sealed process can open none.
int dotkeep_wolfssl_seed(unsigned char* out, unsigned int size) {
  dotkeep::fill_random({out, size});
  return 0;
}

// clock_gettime is answered by the vDSO, also in a static program, where time(2) is a system call.
time_t dotkeep_wolfssl_time(time_t* out) {
  timespec now{};
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) now.tv_sec = 0;  // 1970: nothing is valid yet
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

// UTC needs no time zone; glibc's gmtime_r opens the time zone file all the same.
tm* dotkeep_wolfssl_gmtime(const time_t* in, tm* out) {
  const dotkeep::tls::CivilTime civil = dotkeep::tls::to_civil(*in);
  *out = tm{};
  out->tm_year = civil.year - 1900;
  out->tm_mon = civil.month - 1;
  out->tm_mday = civil.day;
  out->tm_hour = civil.hour;
  out->tm_min = civil.minute;
  out->tm_sec = civil.second;
  return out;
}
