// Who to become.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace dotkeep::supervisor {

struct Account {
  uid_t uid = 0;
  gid_t gid = 0;
  friend bool operator==(const Account&, const Account&) = default;
};

// The account `user`: a name of `passwd_file`, or numbers as "65532" or "65532:65532" (an image
// without a passwd file has no names). The file is read without the name service switch, which a
// static program cannot use; names that only a directory service knows are not found.
[[nodiscard]] std::optional<Account> find_account(const std::string& user,
                                                  const char* passwd_file = "/etc/passwd");

}  // namespace dotkeep::supervisor
