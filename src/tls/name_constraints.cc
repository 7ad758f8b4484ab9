#include "tls/name_constraints.h"

#include <bit>

#include "tls/host_name.h"

namespace dotkeep::tls {

namespace {

// The host names from `base` downward (RFC 5280: zero or more labels added on the left).
bool under(std::string_view name, std::string_view base) {
  if (name.size() < base.size() || !same_text(name.substr(name.size() - base.size()), base)) {
    return false;
  }
  return name.size() == base.size() || name[name.size() - base.size() - 1] == '.';
}

std::string_view without_wildcard(Octets dns_name) {
  std::string_view text = as_text(dns_name);
  if (text.starts_with("*.")) text.remove_prefix(2);
  return text;
}

// Address and mask of the same length; the mask is a prefix.
bool well_formed_range(Octets range) {
  if (range.size() != 8 && range.size() != 32) return false;
  bool ended = false;
  for (const std::uint8_t octet : range.subspan(range.size() / 2)) {
    if (ended && octet != 0) return false;
    const int ones = std::countl_one(octet);
    if (std::popcount(octet) != ones) return false;
    ended = ones != 8;
  }
  return true;
}

bool in_range(Octets ip, Octets range) {
  if (ip.size() * 2 != range.size()) return false;
  for (std::size_t i = 0; i < ip.size(); ++i) {
    const std::uint8_t mask = range[ip.size() + i];
    if ((ip[i] & mask) != (range[i] & mask)) return false;
  }
  return true;
}

// A Name whose first relative names are those of `base`. Both with their SEQUENCE.
bool directory_under(Octets name, Octets base) {
  Der name_outer(name);
  Der base_outer(base);
  const auto inner = name_outer.get(Tag::sequence);
  const auto prefix = base_outer.get(Tag::sequence);
  return inner && prefix && inner->size() >= prefix->size() &&
         same_octets(inner->first(prefix->size()), *prefix);
}

bool well_formed_base(const GeneralName& base) {
  switch (base.form) {
    case NameForm::dns:
      return host_name(as_text(base.content));
    case NameForm::ip:
      return well_formed_range(base.content);
    default:
      return true;
  }
}

bool permits(const GeneralName& base, const GeneralName& name) {
  switch (name.form) {
    case NameForm::dns:
      return under(without_wildcard(name.content), as_text(base.content));
    case NameForm::ip:
      return in_range(name.content, base.content);
    case NameForm::directory:
      return directory_under(name.content, base.content);
    default:
      return false;
  }
}

bool excludes(const GeneralName& base, const GeneralName& name) {
  switch (name.form) {
    case NameForm::dns: {
      const std::string_view text = without_wildcard(name.content);
      const bool wildcard = text.size() != name.content.size();
      // A wildcard covers names under it, so it also meets an exclusion from above.
      return under(text, as_text(base.content)) || (wildcard && under(as_text(base.content), text));
    }
    case NameForm::ip:
      return in_range(name.content, base.content);
    default:
      return true;
  }
}

// One base per call, or the end (`ended`), or malformed (nothing).
struct Subtrees {
  Der list;
  std::optional<GeneralName> next() {
    auto subtree = list.enter(Tag::sequence);
    if (!subtree) return std::nullopt;
    const auto base = next_general_name(*subtree);
    // minimum is 0 by default and so left out; maximum must be absent.
    if (!base || !subtree->empty() || !well_formed_base(*base)) return std::nullopt;
    return base;
  }
};

struct Budget {
  unsigned left = kMaxSubtrees * 16;
  bool spend() {
    if (left == 0) return false;
    --left;
    return true;
  }
};

// Whether one name passes one list: for permitted subtrees some base of its form permits it, or no
// base has its form; for excluded ones none excludes it.
bool passes(Der list, bool permitted, const GeneralName& name, Budget& budget) {
  bool constrained = false;
  bool met = false;
  Subtrees subtrees{list};
  while (!subtrees.list.empty()) {
    const auto base = subtrees.next();
    if (!base || !budget.spend()) return false;
    if (base->form != name.form) continue;
    constrained = true;
    met = met || (permitted ? permits(*base, name) : excludes(*base, name));
  }
  return permitted ? !constrained || met : !met;
}

bool name_passes(Der constraints, const GeneralName& name, Budget& budget) {
  if (name.form == NameForm::dns && !presentable(name.content)) return false;
  if (constraints.next_is(Tag::context_0)) {
    const auto permitted = constraints.enter(Tag::context_0);
    if (!permitted || permitted->empty() || !passes(*permitted, true, name, budget)) return false;
  }
  if (constraints.next_is(Tag::context_1)) {
    const auto excluded = constraints.enter(Tag::context_1);
    if (!excluded || excluded->empty() || !passes(*excluded, false, name, budget)) return false;
  }
  return constraints.empty();
}

}  // namespace

bool within_constraints(const Certificate& ca, const Certificate& below) {
  if (!ca.extensions.name_constraints) return true;
  Budget budget;
  if (!below.empty_subject()) {
    const GeneralName subject{NameForm::directory, below.subject};
    if (!name_passes(*ca.extensions.name_constraints, subject, budget)) return false;
  }
  if (!below.extensions.san) return true;
  Der names = *below.extensions.san;
  while (const auto name = next_general_name(names)) {
    if (!name_passes(*ca.extensions.name_constraints, *name, budget)) return false;
  }
  return names.empty();
}

}  // namespace dotkeep::tls
