// Second pass over a reply: of the records that were parsed, only those that answer the question
// are kept, in the order in which they lead from the question's name to the answer. Internal to
// check_reply.
#pragma once

#include <array>
#include <cstdint>
#include <expected>

#include "base/bytes.h"
#include "dns/reply.h"
#include "dns/reply_scratch.h"

namespace dotkeep::dns {

// The names that CNAMEs lead through: the question's first, the one that the answer is about last.
struct Chain {
  std::array<Octets, kMaxChain + 1> names;
  std::size_t length = 0;
  bool answered = false;  // records of the asked type are at its end
  bool too_long = false;  // a DNAME above its end would make more than kMaxName octets of it

  [[nodiscard]] Octets end() const { return names[length - 1]; }
};

// Collects what is kept into scratch.packed.
class Keeper {
 public:
  Keeper(ReplyScratch& scratch, bool dnssec_ok)
      : scratch_(scratch), out_(scratch.packed), dnssec_ok_(dnssec_ok) {}

  [[nodiscard]] bool dnssec_ok() const { return dnssec_ok_; }
  [[nodiscard]] std::uint16_t count() const { return count_; }
  [[nodiscard]] Octets packed() const { return out_.written(); }

  // Keeps the records of an owner in the answer section that are of this type, with the RRSIGs that
  // cover them where DO was asked. Cost: linear in the owner's records.
  void keep_answers(const Owner& owner, Type type);

  // Begins an RRset of other records: first its own, then its RRSIGs; end_rrset() keeps them. What
  // was kept before is left out.
  void begin_rrset() { member_count_ = 0; }
  void add(std::uint16_t record);
  void end_rrset(Type type);

 private:
  [[nodiscard]] bool is_duplicate(std::uint16_t position);

  ReplyScratch& scratch_;
  Writer out_;
  bool dnssec_ok_;
  std::uint16_t count_ = 0;
  std::size_t member_count_ = 0;
};

// A chain of kMaxChain steps has as many DNAMEs at most; each is held against each of its names, so
// a reply with DNAMEs at more names than this is there to be walked.
inline constexpr std::uint16_t kMaxDnameOwners = 64;

// Follows CNAMEs and DNAMEs through the answer section and keeps them and what is at their end.
// ReplyFault::chain_loop or chain_broken. Cost: linear in the section, and one comparison for each
// owner of a DNAME and name of the chain.
[[nodiscard]] std::expected<Chain, ReplyFault> follow_chain(Type asked, ReplyScratch& scratch,
                                                            Keeper& keeper);

// Keeps of the authority section the SOA that a negative answer shows for itself, and the denials
// that a validating client needs. Whether there was such an SOA. Cost: one pass, and a bounded
// number of comparisons among kMaxProofs records.
bool keep_authority(const Chain& chain, ReplyScratch& scratch, Keeper& keeper);

// A denial is at most three NSEC3 with their RRSIGs for each zone that the chain leads through,
// beside the SOA's RRSIGs: some 10 records a zone. Records of these types beyond this number are
// dropped.
inline constexpr std::size_t kMaxProofs = 64;

}  // namespace dotkeep::dns
