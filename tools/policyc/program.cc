#include "policyc/program.h"

#include <linux/seccomp.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>

namespace dotkeep::policyc {
namespace {

static_assert(std::endian::native == std::endian::little, "which half of an argument comes first");

// Calls that are compared one by one: those that queries make, with room. Another one costs each
// call behind it an instruction, and halving 64 calls takes seven.
constexpr std::size_t kOneByOne = 8;
// The offset of a conditional jump is an octet.
constexpr std::size_t kMaxJump = UINT8_MAX;

// Instructions of which the last returns, so that pieces can be laid behind each other.
using Code = std::vector<sock_filter>;

sock_filter load(std::size_t offset) {
  return {BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(offset)};
}

Code returned(std::uint32_t action) {
  return {{BPF_RET | BPF_K, 0, 0, action}};
}

void append(Code& code, const Code& more) {
  code.insert(code.end(), more.begin(), more.end());
}

// `then` follows at once: it is what is likelier to be near, and to fit the jump over it.
Code branch(std::uint16_t test, std::uint32_t k, const Code& then, const Code& otherwise) {
  Code code;
  const auto far = static_cast<std::uint32_t>(then.size());
  const auto code_of_test = static_cast<std::uint16_t>(BPF_JMP | test | BPF_K);
  if (then.size() <= kMaxJump) {
    code.push_back({code_of_test, 0, static_cast<std::uint8_t>(far), k});
  } else {
    code.push_back({code_of_test, 1, 0, k});
    code.push_back({BPF_JMP | BPF_JA, 0, 0, far});
  }
  append(code, then);
  append(code, otherwise);
  return code;
}

// One half of a comparison; what does not hold jumps to the end of the rule, which is filled in
// when that is known.
void compare_half(Code& code, std::size_t offset, std::uint32_t mask, std::uint32_t value) {
  if (mask == 0) return;
  code.push_back(load(offset));
  if (mask != UINT32_MAX) code.push_back({BPF_ALU | BPF_AND | BPF_K, 0, 0, mask});
  code.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, UINT8_MAX, value});
}

// Allows, or goes on behind itself.
Code rule_code(const Rule& rule) {
  constexpr unsigned kHalf = 32;
  Code code;
  for (const Compare& c : rule.compares) {
    const std::size_t at = offsetof(seccomp_data, args) + (c.argument * sizeof(std::uint64_t));
    compare_half(code, at, static_cast<std::uint32_t>(c.mask), static_cast<std::uint32_t>(c.value));
    compare_half(code, at + sizeof(std::uint32_t), static_cast<std::uint32_t>(c.mask >> kHalf),
                 static_cast<std::uint32_t>(c.value >> kHalf));
  }
  append(code, returned(SECCOMP_RET_ALLOW));
  for (std::size_t i = 0; i < code.size(); ++i) {  // six arguments are 37 instructions at most
    if (BPF_CLASS(code[i].code) != BPF_JMP) continue;
    code[i].jf = static_cast<std::uint8_t>(code.size() - i - 1);
  }
  return code;
}

struct Call {
  std::uint32_t number = 0;
  bool with_conditions = false;
  Code code;  // from when the number is known
};

std::vector<Call> calls_of(const Target& target) {
  std::vector<Call> calls;
  const auto of_number = [&](std::uint32_t number) -> Call& {
    const auto found = std::ranges::find(calls, number, &Call::number);
    return found != calls.end() ? *found : calls.emplace_back(Call{number, false, {}});
  };
  for (const Rule& rule : target.rules) {
    Call& call = of_number(static_cast<std::uint32_t>(target.number(rule.syscall)));
    if (!rule.compares.empty()) call.with_conditions = true;
    append(call.code, rule_code(rule));
  }
  for (Call& call : calls) {
    if (call.with_conditions) append(call.code, returned(SECCOMP_RET_KILL_PROCESS));
  }
  for (const Answer& answer : target.answers) {
    Call& call = of_number(static_cast<std::uint32_t>(target.number(answer.name)));
    call.code = returned(SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(answer.error.number));
  }
  return calls;
}

// What has conditions goes ahead, all else in the order it had. Not std::ranges::stable_partition:
// clang takes libstdc++ 12's for deprecated.
std::vector<Call> ordered(const std::vector<Call>& calls) {
  std::vector<Call> made;
  std::ranges::copy_if(calls, std::back_inserter(made), &Call::with_conditions);
  std::ranges::remove_copy_if(calls, std::back_inserter(made), &Call::with_conditions);
  return made;
}

Code one_by_one(std::span<const Call> calls, const Code& otherwise) {
  if (calls.empty()) return otherwise;
  const Call& first = calls.front();
  return branch(BPF_JEQ, first.number, first.code, one_by_one(calls.subspan(1), otherwise));
}

// `calls` are in the order of their numbers.
Code by_halving(std::span<const Call> calls) {
  if (calls.size() <= 2) return one_by_one(calls, returned(SECCOMP_RET_KILL_PROCESS));
  const std::size_t half = calls.size() / 2;
  return branch(BPF_JGE, calls[half].number, by_halving(calls.subspan(half)),
                by_halving(calls.first(half)));
}

}  // namespace

std::vector<sock_filter> write_program(const Target& target) {
  std::vector<Call> calls = ordered(calls_of(target));
  const std::size_t ahead = std::min(calls.size(), kOneByOne);
  const auto rest = std::span(calls).subspan(ahead);
  std::ranges::sort(rest, {}, &Call::number);

  Code program = {
      load(offsetof(seccomp_data, arch)),
      {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, target.architecture},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS},
      load(offsetof(seccomp_data, nr)),
  };
  append(program, one_by_one(std::span(calls).first(ahead), by_halving(rest)));
  return program;
}

}  // namespace dotkeep::policyc
