#include "policyc/bpf.h"

#include <cstring>

namespace dotkeep::policyc {
namespace {

std::optional<bool> jumps(const sock_filter& instruction, std::uint32_t a) {
  switch (BPF_OP(instruction.code)) {
    case BPF_JEQ:
      return a == instruction.k;
    case BPF_JGT:
      return a > instruction.k;
    case BPF_JGE:
      return a >= instruction.k;
    case BPF_JSET:
      return (a & instruction.k) != 0;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Outcome> run_filter(std::span<const sock_filter> program, const seccomp_data& call) {
  std::uint32_t a = 0;
  std::size_t steps = 0;
  bool looked = false;
  for (std::size_t at = 0; at < program.size(); ++at) {
    const sock_filter& instruction = program[at];
    ++steps;
    switch (instruction.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (instruction.k % 4 != 0 || instruction.k > sizeof(call) - 4) return std::nullopt;
        std::memcpy(&a, reinterpret_cast<const std::uint8_t*>(&call) + instruction.k, sizeof a);
        looked |= instruction.k >= offsetof(seccomp_data, args);
        continue;
      case BPF_ALU | BPF_AND | BPF_K:
        a &= instruction.k;
        continue;
      case BPF_RET | BPF_K:
        return Outcome{instruction.k, steps, looked};
      case BPF_JMP | BPF_JA:
        if (instruction.k >= program.size()) return std::nullopt;
        at += instruction.k;
        continue;
      default:
        break;
    }
    if (BPF_CLASS(instruction.code) != BPF_JMP) return std::nullopt;
    const auto taken = jumps(instruction, a);
    if (!taken) return std::nullopt;
    at += *taken ? instruction.jt : instruction.jf;
  }
  return std::nullopt;
}

}  // namespace dotkeep::policyc
