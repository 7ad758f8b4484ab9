// A static program cannot use the name service switch: glibc would load shared libraries at run
// time. libcap-ng refers to two functions of it, from capng_change_id, which we do not call
// (privileges.cc does that part itself). These stand in for them, so that none of the switch is
// linked, and refuse.
#include <grp.h>
#include <pwd.h>

#include <cerrno>

extern "C" {

int initgroups(const char* /*user*/, gid_t /*group*/) {
  errno = ENOSYS;
  return -1;
}

passwd* getpwuid(uid_t /*uid*/) {
  errno = ENOSYS;
  return nullptr;
}

}  // extern "C"
