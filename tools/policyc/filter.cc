#include "policyc/filter.h"

#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "base/fd.h"

namespace dotkeep::policyc {
namespace {

struct Release {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;

// Calls that are younger than the libseccomp of Debian 12; since Linux 5.1 every architecture
// gives a new call the same number.
struct Young {
  std::string_view name;
  int number;
};
constexpr Young kYoung[] = {{"mseal", 462}};

int number_of(std::uint32_t architecture, const std::string& name) {
  const int number = seccomp_syscall_resolve_name_arch(architecture, name.c_str());
  if (number >= 0) return number;
  for (const Young& young : kYoung) {
    if (young.name == name) return young.number;
  }
  return number;
}

// The first of the names that the architecture has; empty: none.
std::string_view name_there(std::uint32_t architecture, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (number_of(architecture, name) >= 0) return name;
  }
  return {};
}

bool set_up(scmp_filter_ctx context, std::uint32_t architecture) {
  if (seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0) return false;
  if (architecture == seccomp_arch_native()) return true;
  return seccomp_arch_add(context, architecture) == 0 &&
         seccomp_arch_remove(context, seccomp_arch_native()) == 0;
}

bool add(scmp_filter_ctx context, int number, const Rule& rule) {
  std::vector<scmp_arg_cmp> compares;
  compares.reserve(rule.compares.size());
  for (const Compare& c : rule.compares) {
    compares.push_back({c.argument, SCMP_CMP_MASKED_EQ, c.mask, c.value});
  }
  return seccomp_rule_add_exact_array(context, SCMP_ACT_ALLOW, number,
                                      static_cast<unsigned>(compares.size()), compares.data()) == 0;
}

std::vector<sock_filter> export_program(scmp_filter_ctx context) {
  const Fd file(::memfd_create("filter", MFD_CLOEXEC));
  if (!file || seccomp_export_bpf(context, file.get()) != 0) return {};
  const off_t size = ::lseek(file.get(), 0, SEEK_END);
  if (size <= 0 || static_cast<std::size_t>(size) % sizeof(sock_filter) != 0) return {};
  std::vector<sock_filter> program(static_cast<std::size_t>(size) / sizeof(sock_filter));
  if (::pread(file.get(), program.data(), static_cast<std::size_t>(size), 0) != size) return {};
  return program;
}

}  // namespace

std::size_t Target::allowed_syscalls() const {
  std::vector<std::string_view> names;
  for (const Rule& rule : rules) {
    if (std::ranges::find(names, rule.syscall) == names.end()) names.push_back(rule.syscall);
  }
  return names.size();
}

int Target::number(std::string_view syscall) const {
  return number_of(architecture, std::string(syscall));
}

std::vector<std::string> syscall_names(std::uint32_t architecture) {
  constexpr int kNumbers = 1024;  // beyond the last of any architecture
  std::vector<std::string> names;
  for (int number = 0; number < kNumbers; ++number) {
    char* const name = seccomp_syscall_resolve_num_arch(architecture, number);
    if (name == nullptr) continue;
    names.resize(static_cast<std::size_t>(number) + 1);
    names.back() = name;
    std::free(name);
  }
  for (const Young& young : kYoung) {
    const auto at = static_cast<std::size_t>(young.number);
    names.resize(std::max(names.size(), at + 1));
    names[at] = young.name;
  }
  return names;
}

std::expected<Target, std::vector<Problem>> resolve(const Document& document,
                                                    std::string_view architecture) {
  Target target;
  target.architecture = architecture == "native"
                            ? seccomp_arch_native()
                            : seccomp_arch_resolve_name(std::string(architecture).c_str());
  if (target.architecture == 0) {
    const std::string unknown = "unknown architecture '" + std::string(architecture) + "'";
    return std::unexpected(std::vector<Problem>{{0, unknown}});
  }
  std::vector<Problem> problems;
  for (const Allow& allow : document.allows) {
    const std::string_view name = name_there(target.architecture, allow.names);
    if (name.empty()) {
      if (!allow.where_present) {
        problems.push_back({allow.line, "the target lacks '" + allow.names.back() +
                                            "', and the line does not say where-present"});
      }
      continue;
    }
    if (allow.section != Section::run) continue;
    for (Rule& rule : rules_of(allow, name)) target.rules.push_back(std::move(rule));
  }
  for (const Answer& answer : document.answers) {
    // Answering a call that does not exist is moot: the target has nothing to refuse.
    if (target.number(answer.name) >= 0) target.answers.push_back(answer);
  }
  if (!problems.empty()) return std::unexpected(std::move(problems));
  target.rules = simplify(std::move(target.rules));
  return target;
}

std::expected<std::vector<sock_filter>, Problem> reference_program(const Target& target) {
  const auto failed = [](std::string_view what) {
    return std::unexpected(Problem{0, "libseccomp refuses " + std::string(what)});
  };
  const Context context(seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (!context || !set_up(context.get(), target.architecture)) return failed("the architecture");
  for (const Rule& rule : target.rules) {
    if (!add(context.get(), target.number(rule.syscall), rule)) return failed(rule.syscall);
  }
  for (const Answer& answer : target.answers) {
    const auto action = SCMP_ACT_ERRNO(static_cast<std::uint32_t>(answer.error.number));
    if (seccomp_rule_add_exact_array(context.get(), action, target.number(answer.name), 0,
                                     nullptr) != 0) {
      return failed(answer.name);
    }
  }
  std::vector<sock_filter> program = export_program(context.get());
  if (program.empty() || program.size() > BPF_MAXINSNS) return failed("to write the program");
  return program;
}

}  // namespace dotkeep::policyc
