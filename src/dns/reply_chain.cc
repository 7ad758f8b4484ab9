#include "dns/name_view.h"
#include "dns/reply_select.h"

namespace dotkeep::dns {
namespace {

std::unexpected<ReplyFault> broken() {
  return std::unexpected(ReplyFault::chain_broken);
}

// What one name owns in the answer section.
struct Node {
  bool has_asked = false;
  bool has_other = false;  // data that may not stand beside a CNAME
  std::uint16_t cname = kNone;
};

// Looks through an owner's records; broken where there are two CNAMEs, or data beside one (RFC 1034
// section 3.6.2; RRSIG and NSEC may: RFC 4034 section 4).
std::expected<Node, ReplyFault> look(const Owner& owner, Type asked, const ReplyScratch& scratch) {
  Node node;
  for (std::uint16_t i = owner.first; i != kNone; i = scratch.records[i].next) {
    const ParsedRecord& record = scratch.records[i];
    if (record.type == asked) node.has_asked = true;
    if (record.type == Type::CNAME) {
      if (node.cname == kNone) node.cname = i;
      const Octets target = scratch.rdata_of(record);
      if (!same_name(target, scratch.rdata_of(scratch.records[node.cname]))) return broken();
    } else if (record.type != Type::RRSIG && record.type != Type::NSEC) {
      node.has_other = true;
    }
  }
  if (node.cname != kNone && node.has_other) return broken();
  return node;
}

// Whether `target` is `name` with its suffix `owner` replaced by `replacement` (RFC 6672
// section 2.2).
bool is_substitution(Octets name, Octets owner, Octets replacement, Octets target) {
  const Octets prefix = name.first(name.size() - owner.size());
  if (target.size() != prefix.size() + replacement.size()) return false;
  return same_name(target.first(prefix.size()), prefix) &&
         same_name(target.subspan(prefix.size()), replacement);
}

// Every DNAME above `name` must give the CNAME at it: servers put the synthesised one beside it
// (RFC 6672 section 3.1). There is none where the new name would be too long, which is what is
// returned, and else that is a fault too. Keeps the DNAMEs.
std::expected<bool, ReplyFault> follow_dnames(Octets name, std::uint16_t cname,
                                              ReplyScratch& scratch, Keeper& keeper) {
  bool too_long = false;
  const Ancestors ancestors(name);
  std::uint16_t number = scratch.first_dname;
  for (; number != kNone; number = scratch.owners[number].next_dname) {
    const Owner& owner = scratch.owners[number];
    const Octets above = scratch.name_of(owner);
    if (above.size() >= name.size() || !ancestors.has(above)) continue;
    if (owner.many_dnames) return broken();
    const ParsedRecord& dname = scratch.records[owner.dname];
    const Octets replacement = scratch.rdata_of(dname);
    if (cname == kNone) {
      if (name.size() - above.size() + replacement.size() <= kMaxName) return broken();
      too_long = true;
    } else {
      const Octets target = scratch.rdata_of(scratch.records[cname]);
      if (!is_substitution(name, above, replacement, target)) return broken();
    }
    if (!dname.kept) keeper.keep_answers(owner, Type::DNAME);
  }
  return too_long;
}

}  // namespace

std::expected<Chain, ReplyFault> follow_chain(Type asked, ReplyScratch& scratch, Keeper& keeper) {
  if (scratch.dname_owners > kMaxDnameOwners) return std::unexpected(ReplyFault::chain_loop);
  Chain chain;
  std::uint16_t number = 0;
  chain.names[chain.length++] = scratch.name_of(scratch.owners[0]);
  for (;;) {
    const Octets name = chain.end();
    Node node;
    if (number != kNone) {
      scratch.owners[number].visited = true;
      const auto looked = look(scratch.owners[number], asked, scratch);
      if (!looked) return std::unexpected(looked.error());
      node = *looked;
    }
    if (scratch.first_dname != kNone) {
      const auto too_long = follow_dnames(name, node.cname, scratch, keeper);
      if (!too_long) return std::unexpected(too_long.error());
      if (*too_long) {
        // Below a DNAME there is no data (RFC 6672 section 2.4).
        if (node.has_asked || node.has_other) return broken();
        chain.too_long = true;
        return chain;
      }
    }
    if (node.has_asked) {
      keeper.keep_answers(scratch.owners[number], asked);
      chain.answered = true;
      return chain;
    }
    if (node.cname == kNone) return chain;
    keeper.keep_answers(scratch.owners[number], Type::CNAME);
    if (chain.length == chain.names.size()) return std::unexpected(ReplyFault::chain_loop);
    const Octets target = scratch.rdata_of(scratch.records[node.cname]);
    number = scratch.find_owner(target);
    if (number != kNone && scratch.owners[number].visited) {
      return std::unexpected(ReplyFault::chain_loop);
    }
    chain.names[chain.length++] = target;
  }
}

}  // namespace dotkeep::dns
