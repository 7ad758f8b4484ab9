// policyc: a policy file to the C++ that a program is linked with.
//   policyc --out FILE.cc FILE.policy                one room's filter
//   policyc --texts --out FILE.cc FILE.policy...     every room's text, for `dotkeep policy`
//   policyc --list FILE.policy...                    every line with its rules and its cost
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "policyc/bpf.h"
#include "policyc/emit.h"
#include "policyc/filter.h"
#include "policyc/parse.h"
#include "policyc/program.h"
#include "policyc/unite.h"

namespace dotkeep::policyc {
namespace {

namespace fs = std::filesystem;

struct Room {
  Document document;
  Target target;
  std::vector<sock_filter> program;
};

bool complain(const fs::path& file, const std::vector<Problem>& problems) {
  for (const Problem& problem : problems) std::cerr << problem.to_text(file.string()) << '\n';
  return problems.empty();
}

std::optional<Document> load(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    complain(file, {{0, "cannot be read"}});
    return std::nullopt;
  }
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto document = parse(text);
  if (!document) {
    complain(file, document.error());
    return std::nullopt;
  }
  if (!complain(file, check(*document))) return std::nullopt;
  if (!document->overlay && document->name != file.stem()) {
    complain(file, {{0, "the room's name is not the file's"}});
    return std::nullopt;
  }
  return std::move(*document);
}

std::optional<Room> build(const fs::path& file, const fs::path& overlay_file,
                          const std::string& architecture) {
  const auto source = load(file);
  if (!source) return std::nullopt;
  const auto find_room = [&](const std::string& name) {
    return load(file.parent_path() / (name + ".policy"));
  };
  auto document = unite(*source, find_room);
  if (!document) {
    complain(file, {document.error()});
    return std::nullopt;
  }
  if (!overlay_file.empty()) {
    const auto extra = load(overlay_file);
    if (!extra) return std::nullopt;
    overlay(*document, *extra);
  }
  auto target = resolve(*document, architecture);
  if (!target) {
    complain(file, target.error());
    return std::nullopt;
  }
  const auto reference = reference_program(*target);
  if (!reference) {
    complain(file, {reference.error()});
    return std::nullopt;
  }
  std::vector<sock_filter> program = write_program(*target);
  const auto faults = verify(*target, program);
  for (const std::string& fault : faults) {
    complain(file, {{0, "the compiled filter is not what the text says about " + fault}});
  }
  const auto differences = compare(*target, program, *reference);
  for (const std::string& difference : differences) {
    complain(file, {{0, "the compiled filter is not libseccomp's about " + difference}});
  }
  if (program.size() > BPF_MAXINSNS) complain(file, {{0, "the filter is too long"}});
  if (!faults.empty() || !differences.empty() || program.size() > BPF_MAXINSNS) return std::nullopt;
  return Room{std::move(*document), std::move(*target), std::move(program)};
}

// Instructions until the filter lets the rule's own call pass.
std::size_t cost(const Room& room, const Rule& rule) {
  seccomp_data call{};
  call.arch = room.target.architecture;
  call.nr = room.target.number(rule.syscall);
  for (const Compare& c : rule.compares) call.args[c.argument] = c.value;
  const auto outcome = run_filter(room.program, call);
  return outcome ? outcome->steps : 0;
}

void list(const Room& room) {
  std::cout << "room " << room.document.name << " syscalls " << room.target.allowed_syscalls()
            << " rules " << room.target.rules.size() << " instructions " << room.program.size()
            << '\n';
  for (const Rule& rule : room.target.rules) {
    std::cout << "  " << rule.syscall;
    for (const Compare& c : rule.compares) {
      std::cout << " arg" << c.argument << "&0x" << std::hex << c.mask << "==0x" << c.value
                << std::dec;
    }
    std::cout << " steps " << cost(room, rule) << '\n';
  }
  for (const Answer& answer : room.target.answers) {
    std::cout << "  answer " << answer.name << ' ' << answer.error.text << '\n';
  }
}

bool write(const fs::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  return out.good() || complain(file, {{0, "cannot be written"}});
}

int run(int argc, char** argv) {
  CLI::App app("Compiles the sandbox policies of dotkeep.", "policyc");
  std::vector<std::string> files;
  std::string out;
  std::string overlay_file;
  std::string architecture = "native";
  bool want_texts = false;
  bool want_list = false;
  app.add_option("policy", files, "policy files")->required();
  app.add_option("--out", out, "the C++ source to write");
  app.add_option("--overlay", overlay_file, "what a sanitizer's runtime needs besides");
  app.add_option("--arch", architecture, "x86_64, aarch64 or native");
  app.add_flag("--texts", want_texts, "write the texts of all rooms");
  app.add_flag("--list", want_list, "print every rule and what it costs");
  CLI11_PARSE(app, argc, argv);

  std::vector<Room> rooms;
  for (const std::string& file : files) {
    auto room = build(file, overlay_file, architecture);
    if (!room) return 1;
    rooms.push_back(std::move(*room));
  }
  if (want_list) {
    for (const Room& room : rooms) list(room);
  }
  if (out.empty()) return 0;
  if (want_texts) {
    std::vector<RoomText> texts;
    texts.reserve(rooms.size());
    for (const Room& room : rooms) {
      texts.push_back({room.document, room.target.allowed_syscalls()});
    }
    return write(out, emit_texts(texts, rooms.front().target.architecture)) ? 0 : 1;
  }
  const Room& room = rooms.front();
  return write(out, emit_policy(room.document, room.target, room.program, !overlay_file.empty()))
             ? 0
             : 1;
}

}  // namespace
}  // namespace dotkeep::policyc

int main(int argc, char** argv) try {
  return dotkeep::policyc::run(argc, argv);
} catch (const std::exception& error) {
  std::cerr << "policyc: " << error.what() << '\n';
  return 1;
}
