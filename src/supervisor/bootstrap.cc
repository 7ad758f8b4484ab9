#include "supervisor/bootstrap.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/log.h"
#include "base/memfd.h"
#include "supervisor/cache_file.h"
#include "supervisor/commands.h"
#include "supervisor/cookie_secrets.h"
#include "supervisor/empty_root.h"
#include "supervisor/operators_file.h"
#include "supervisor/privileges.h"
#include "supervisor/programs.h"
#include "supervisor/user_namespace.h"

namespace dotkeep::supervisor {
namespace {

// Debian's bundle has 0.2 MiB; ten of them and it is not a bundle.
constexpr std::size_t kMaxTrustOctets = 4U << 20;

// The folder a path is in, as far as the kernel lets us open it: a right for a later reload, not a
// need.
void add_folder(std::string path, std::vector<Fd>& folders) {
  if (char* real = ::realpath(path.c_str(), nullptr)) {
    const std::string resolved(real);
    std::free(real);
    if (resolved != path) add_folder(resolved, folders);
  }
  const std::size_t slash = path.rfind('/');
  path = slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
  Fd folder(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (folder) folders.push_back(std::move(folder));
}

// To the hard limit, or beyond it where that is allowed.
void raise_limit(__rlimit_resource_t resource, bool beyond) {
  const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
  if (beyond && ::setrlimit(resource, &none) == 0) return;
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(::setrlimit(resource, &limit));
}

// Without enough of them no worker starts, and none could say why.
std::expected<void, StartError> check_descriptors(const config::Config& config,
                                                  std::uint32_t frontends) {
  constexpr rlim_t kAside = 256;  // where those of a worker are set aside (spawn.cc)
  constexpr rlim_t kOthers = 32;  // beside listeners and walls
  const rlim_t least = kAside + kOthers + 2 * config.listeners.size() + frontends;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  if (limit.rlim_cur < least) {
    return std::unexpected(StartError{
        kUnavailable, fmt::format("RLIMIT_NOFILE is {}; {} descriptors are the least ('ulimit -n', "
                                  "LimitNOFILE= of systemd)",
                                  limit.rlim_cur, least)});
  }
  return {};
}

// Who to become, where that is to be done.
std::expected<std::optional<Account>, StartError> account_for(const config::Config& config) {
  if (::geteuid() != 0) return std::optional<Account>();
  auto account = find_account(config.process.user);
  if (account) return account;
  return std::unexpected(
      StartError{kConfig, fmt::format("process.user: no account '{0}'; 'useradd --system "
                                      "--shell /usr/sbin/nologin {0}' makes one",
                                      config.process.user)});
}

}  // namespace

std::uint32_t frontends_for(unsigned cores) {
  // Two on two cores cost twice the CPU a query of one: batches halve and every turn costs as
  // before. One serves more than a hundred thousand queries a second; more are for machines with
  // cores to spare.
  return std::clamp(cores / 8, 1U, 8U);
}

std::expected<Fd, StartError> open_trust(const config::Config& config) {
  std::string pem;
  const bool needed =
      std::ranges::any_of(config.upstreams, [](const auto& u) { return !u.name.empty(); });
  if (needed) {
    auto content = read_operators_file(config.tls.ca_file, kMaxTrustOctets);
    if (!content) {
      return std::unexpected(StartError{
          kConfig, fmt::format("tls.ca_file {}: {}", config.tls.ca_file, content.error().why)});
    }
    pem = std::move(*content);
    // What the upstream room cannot use it would refuse at each of its starts.
    if (pem.find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
      return std::unexpected(StartError{
          kConfig,
          fmt::format("tls.ca_file {}: has no certificate in PEM form", config.tls.ca_file)});
    }
  }
  auto memfd = make_sealed_memfd("dotkeep-trust", pem);
  if (!memfd) return std::unexpected(StartError{kUnavailable, "the kernel gives no memfd"});
  return std::move(*memfd);
}

std::expected<Opened, StartError> open_all(const config::Config& config,
                                           const std::string& config_file,
                                           std::uint32_t frontends) {
  Opened opened;
  const auto account = account_for(config);  // first: what fails later leaves a socket behind
  if (!account) return std::unexpected(account.error());
  // Every TCP client is a descriptor; the soft limit is for programs that use select(2).
  raise_limit(RLIMIT_NOFILE, false);
  if (auto enough = check_descriptors(config, frontends); !enough) {
    return std::unexpected(enough.error());
  }
  raise_limit(RLIMIT_MEMLOCK, true);  // who holds keys locks its memory, then nobody may any more
  opened.kernel_log = KernelLog::open();
  opened.null = Fd(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!opened.null) return std::unexpected(StartError{kUnavailable, "cannot open /dev/null"});

  opened.empty_root = make_empty_root();

  auto listeners = inherited_listeners();
  if (listeners && listeners->empty()) listeners = bind_listeners(config, frontends);
  if (!listeners) return std::unexpected(StartError{kUnavailable, listeners.error()});
  opened.listeners = std::move(*listeners);

  auto folder = open_program_folder();
  if (!folder) return std::unexpected(StartError{kUnavailable, folder.error()});
  opened.program_folder = std::move(*folder);
  const std::pair<const char*, Fd*> programs[] = {{"dotkeep-frontend", &opened.programs.frontend},
                                                  {"dotkeep-upstream", &opened.programs.upstream},
                                                  {"dotkeep-connector", &opened.programs.connector},
                                                  {"dotkeep-control", &opened.programs.control}};
  for (const auto& [name, fd] : programs) {
    auto program = open_program(opened.program_folder, name);
    if (!program) return std::unexpected(StartError{kUnavailable, program.error()});
    *fd = std::move(*program);
  }

  auto trust = open_trust(config);
  if (!trust) return std::unexpected(trust.error());
  opened.trust = std::move(*trust);
  const auto secrets = read_cookie_secrets(config.limits.cookie_secret_file);
  if (!secrets) return std::unexpected(StartError{kConfig, secrets.error()});
  auto memory = make_frontend_memory(frontends, *secrets);
  if (!memory) return std::unexpected(StartError{kUnavailable, memory.error()});
  opened.memory = std::move(*memory);
  auto cache_file = open_cache_file(config, frontends);
  if (!cache_file) return std::unexpected(StartError{kUnavailable, cache_file.error()});
  opened.memory.cache_file = std::move(*cache_file);
  auto pages = make_shared_pages(opened.memory);
  if (!pages) return std::unexpected(StartError{kUnavailable, pages.error()});
  opened.pages = std::move(*pages);
  auto control = open_control_sockets(config, *account);
  if (!control) return std::unexpected(StartError{kUnavailable, control.error()});
  opened.control = std::move(*control);
  add_folder(config_file, opened.readable);
  add_folder(config.tls.ca_file, opened.readable);
  return opened;
}

std::expected<bool, StartError> become_unprivileged(const config::Config& config) {
  const auto account = account_for(config);
  if (!account) return std::unexpected(account.error());
  bool own_namespace = false;
  if (*account) {
    const auto entered = (*account)->uid == 0 ? false : enter_user_namespace(**account);
    if (!entered) {
      return std::unexpected(StartError{kNotContained, "the user namespace cannot be set up"});
    }
    own_namespace = *entered;
  }
  if (auto dropped = drop_privileges(*account); !dropped) {
    return std::unexpected(StartError{
        kNotContained, fmt::format("cannot give up privileges: {}: {}", dropped.error().step,
                                   std::strerror(dropped.error().error))});
  }
  return own_namespace;
}

}  // namespace dotkeep::supervisor
