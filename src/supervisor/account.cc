#include "supervisor/account.h"

#include <pwd.h>

#include <charconv>
#include <cstdio>
#include <memory>
#include <string_view>

namespace dotkeep::supervisor {
namespace {

struct Close {
  void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};

// All but 2^32 - 1, which means "leave it as it is" to the kernel.
std::optional<unsigned> read_id(std::string_view text) {
  unsigned id = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [stop, error] = std::from_chars(begin, end, id);
  if (error != std::errc() || stop != end || id == ~0U) return std::nullopt;
  return id;
}

std::optional<Account> numeric(std::string_view user) {
  const std::size_t colon = user.find(':');
  const auto uid = read_id(user.substr(0, colon));
  const auto gid = colon == std::string_view::npos ? uid : read_id(user.substr(colon + 1));
  if (!uid || !gid) return std::nullopt;
  return Account{*uid, *gid};
}

}  // namespace

std::optional<Account> find_account(const std::string& user, const char* passwd_file) {
  if (!user.empty() && user[0] >= '0' && user[0] <= '9') return numeric(user);
  const std::unique_ptr<std::FILE, Close> file(std::fopen(passwd_file, "re"));
  if (!file) return std::nullopt;
  while (const passwd* const entry = ::fgetpwent(file.get())) {
    if (user == entry->pw_name) return Account{entry->pw_uid, entry->pw_gid};
  }
  return std::nullopt;
}

}  // namespace dotkeep::supervisor
