#include "supervisor/live.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

namespace dotkeep::supervisor {
namespace {

std::string read_file(const std::string& path) {
  const std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string link_of(const std::string& path) {
  std::array<char, PATH_MAX> target{};
  const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
  return {target.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

// The names of a folder's entries, "." and ".." left out; nothing: it cannot be read.
std::optional<std::vector<std::string>> entries(const std::string& path) {
  const auto close = [](DIR* folder) { ::closedir(folder); };
  const std::unique_ptr<DIR, decltype(close)> folder(::opendir(path.c_str()), close);
  if (!folder) return std::nullopt;
  std::vector<std::string> names;
  while (const dirent* const entry = ::readdir(folder.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  return names;
}

Seen capabilities(std::string_view status) {
  std::string left;
  for (const char* const set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
    const std::string value = status_field(status, set);
    if (value.find_first_not_of('0') != std::string::npos)
      left += fmt::format(" {}={}", set, value);
  }
  // A bounding set that is not empty gives nothing where no_new_privs is in force.
  const bool any =
      left.find("CapPrm") != std::string::npos || left.find("CapEff") != std::string::npos;
  return {"capabilities", left.empty() ? "none in any set" : "left:" + left, any};
}

Seen seccomp(std::string_view status) {
  const bool filtered = status_field(status, "Seccomp") == "2";
  const std::string count = status_field(status, "Seccomp_filters");
  return {"seccomp",
          filtered ? fmt::format("{} filters, its own and inherited ones", count) : "none",
          !filtered};
}

Seen namespaces(const std::string& folder, const std::string& own_folder) {
  std::string own;
  std::string shared;
  for (const char* const kind : {"user", "mnt", "pid", "ipc", "uts", "cgroup", "net"}) {
    const std::string its = link_of(folder + "/ns/" + kind);
    if (its.empty()) return {"namespaces", "only root can see them"};
    (its == link_of(own_folder + "/ns/" + kind) ? shared : own) += fmt::format(" {}", kind);
  }
  return {"namespaces", (own.empty() ? "none of its own" : "its own:" + own) +
                            (shared.empty() || own.empty() ? "" : "; as here:" + shared)};
}

Seen network(const std::string& folder) {
  std::istringstream lines(read_file(folder + "/net/dev"));
  std::string names;
  std::string line;
  for (int number = 0; std::getline(lines, line); ++number) {
    const std::size_t colon = line.find(':');
    if (number < 2 || colon == std::string::npos) continue;
    names += " " + line.substr(line.find_first_not_of(' '), colon - line.find_first_not_of(' '));
  }
  if (names.empty()) return {"network", "only root can see it"};
  return {"network", names == " lo" ? "no interface but lo" : "interfaces:" + names};
}

Seen root_folder(const std::string& folder) {
  const auto files = entries(folder + "/root");
  if (!files) return {"root folder", "only root can see it"};
  const bool removed = link_of(folder + "/root").ends_with("(deleted)");
  return {"root folder",
          files->empty() ? (removed ? "empty, and stays so" : "empty") : "that of the machine"};
}

Seen dumpable(const std::string& folder) {
  struct stat status{};
  const bool is_roots = ::stat((folder + "/fd").c_str(), &status) == 0 && status.st_uid == 0;
  return {"not_dumpable", is_roots ? "yes" : "no", !is_roots};
}

Seen limits(const std::string& folder) {
  std::istringstream lines(read_file(folder + "/limits"));
  std::string text;
  std::string line;
  constexpr std::size_t kName = 26;  // the columns of the file
  while (std::getline(lines, line)) {
    for (const char* const name :
         {"Max processes", "Max file size", "Max core file size", "Max locked memory"}) {
      if (!line.starts_with(name) || line.size() <= kName) continue;
      const std::string soft = line.substr(kName, line.find(' ', kName) - kName);
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", std::string(name).substr(4), soft);
    }
  }
  return {"limits", text.empty() ? "cannot be read" : text};
}

Seen memory(const std::string& folder, std::string_view status) {
  std::istringstream lines(read_file(folder + "/maps"));
  std::string line;
  bool both = false;
  bool any = false;
  while (std::getline(lines, line)) {
    any = true;
    both = both || line.find(" rwx") != std::string::npos || line.find(" -wx") != std::string::npos;
  }
  const std::string locked = status_field(status, "VmLck");
  return {"memory",
          fmt::format("{}; locked: {}",
                      !any   ? "mappings: only root can see them"
                      : both ? "SOME IS WRITABLE AND EXECUTABLE"
                             : "none writable and executable",
                      locked.empty() ? "0 kB" : locked),
          both};
}

}  // namespace

std::string status_field(std::string_view status, std::string_view key) {
  const std::string wanted = fmt::format("{}:", key);
  while (!status.empty()) {
    const std::size_t end = std::min(status.find('\n'), status.size());
    std::string_view line = status.substr(0, end);
    status.remove_prefix(std::min(end + 1, status.size()));
    if (!line.starts_with(wanted)) continue;
    line.remove_prefix(wanted.size());
    const std::size_t from = line.find_first_not_of(" \t");
    return from == std::string_view::npos ? std::string() : std::string(line.substr(from));
  }
  return {};
}

std::string name_of(pid_t pid, const std::string& proc) {
  const std::string words = read_file(fmt::format("{}/{}/cmdline", proc, pid));
  const std::string first = words.substr(0, words.find('\0'));
  return first.substr(first.rfind('/') == std::string::npos ? 0 : first.rfind('/') + 1);
}

std::vector<pid_t> children_of(pid_t pid, const std::string& proc) {
  std::vector<pid_t> children;
  for (const std::string& name : entries(proc).value_or(std::vector<std::string>())) {
    const int each = std::atoi(name.c_str());
    if (each <= 0) continue;
    const std::string status = read_file(fmt::format("{}/{}/status", proc, each));
    if (status_field(status, "PPid") == std::to_string(pid)) children.push_back(each);
  }
  std::ranges::sort(children);
  return children;
}

std::optional<std::vector<Seen>> look_at(pid_t pid, const std::string& proc) {
  const std::string folder = fmt::format("{}/{}", proc, pid);
  const std::string status = read_file(folder + "/status");
  if (status.empty()) return std::nullopt;
  const std::string account = status_field(status, "Uid");
  const bool no_new_privs = status_field(status, "NoNewPrivs") == "1";
  const auto descriptors = entries(folder + "/fd");
  std::vector<Seen> seen = {
      {"account", account.substr(0, account.find('\t')), account.starts_with("0\t")},
      {"no_new_privs", no_new_privs ? "yes" : "no", !no_new_privs},
      capabilities(status),
      seccomp(status),
      dumpable(folder),
      namespaces(folder, proc + "/self"),
      network(folder),
      root_folder(folder),
      memory(folder, status),
      limits(folder),
      {"descriptors", descriptors ? std::to_string(descriptors->size()) : "only root can see them"},
      {"speculation",
       "store bypass: " + status_field(status, "Speculation_Store_Bypass") +
           "; indirect branches: " + status_field(status, "SpeculationIndirectBranch")},
  };
  return seen;
}

}  // namespace dotkeep::supervisor
