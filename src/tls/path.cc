#include "tls/path.h"

#include <algorithm>

#include "tls/crypto.h"
#include "tls/name_constraints.h"

namespace dotkeep::tls {

namespace {

// What makes a certificate an issuer at all (RFC 5280 section 6.1.4); constant words, or null.
const char* issuer_fault(const Certificate& ca, bool is_anchor) {
  if (ca.version != 3 || !ca.extensions.ca) return "issuer is not a CA";
  if (ca.empty_subject()) return "issuer without a name";
  if (ca.flaw != nullptr && !is_anchor) return ca.flaw;
  // An anchor's key usage may be absent: roots are older than the rule.
  if (ca.extensions.key_usage ? !ca.extensions.key_cert_sign : !is_anchor) {
    return "issuer may not sign certificates";
  }
  if (ca.extensions.extended_key_usage && !ca.extensions.server_auth && !ca.extensions.any_usage) {
    return "issuer is not for TLS servers";
  }
  return nullptr;
}

// How likely it is that `ca` signed `child`, by the key identifiers of RFC 5280 section 4.2.1.1:
// they are hints, so they say who is tried first and refuse nobody.
enum class Kinship : std::uint8_t { same, unknown, other };
constexpr Kinship kKinships[] = {Kinship::same, Kinship::unknown, Kinship::other};

Kinship kinship(const Certificate& child, const Certificate& ca) {
  const Octets wanted = child.extensions.authority_key_id;
  const Octets own = ca.extensions.subject_key_id;
  if (wanted.empty() || own.empty()) return Kinship::unknown;
  return same_octets(wanted, own) ? Kinship::same : Kinship::other;
}

class Search {
 public:
  Search(Presented presented, std::span<const Certificate> anchors, std::span<const Pin> pins,
         bool pinned_profile, std::int64_t now, Dates dates)
      : presented_(presented.first(std::min(presented.size(), kMaxPresented))),
        anchors_(anchors),
        pins_(pins),
        pinned_profile_(pinned_profile),
        now_(now),
        dates_(dates) {}

  Path run() {
    if (presented_.empty() || presented_[0].whole.empty()) {
      best_.finding = {FaultKind::certificate_form, "no certificate"};
      return best_;
    }
    push(0);
    if (pinned_profile_ && pinned(presented_[0])) {
      finish(nullptr);
    } else {
      extend();
    }
    return best_;
  }

 private:
  [[nodiscard]] const Certificate& top() const { return presented_[chain_[length_ - 1]]; }

  void push(std::size_t index) {
    chain_[length_++] = index;
    used_[index] = true;
  }
  void pop() { used_[chain_[--length_]] = false; }

  [[nodiscard]] bool pinned(const Certificate& certificate) const {
    if (pins_.empty()) return false;
    return std::ranges::find(pins_, sha256(certificate.spki)) != pins_.end();
  }

  // Keeps the fault that came closest: the one found with the longest chain, the first among those.
  void note(FaultKind kind, const char* detail) {
    if (done_ || (best_.finding.bad() && length_ <= noted_length_)) return;
    noted_length_ = length_;
    best_.finding = {kind, detail};
  }

  void finish(const Certificate* anchor) {
    best_.anchor = anchor;
    best_.issuer = length_ > 1 ? &presented_[chain_[1]] : anchor;
    best_.presented = used_;
    best_.finding = {};
    done_ = true;
  }

  // Whether `ca` may and did sign the top of the chain. `trusted`: it ends the path.
  bool issued(const Certificate& ca, bool trusted) {
    const Certificate& child = top();
    if (const char* fault = issuer_fault(ca, trusted)) {
      note(FaultKind::not_trusted, fault);
      return false;
    }
    if (!strong(ca.key) || child.algorithm == SignatureAlgorithm::weak) {
      note(FaultKind::weak_key, "weak key or signature in the path");
      return false;
    }
    // The pinned key is trusted whatever the date; an anchor of ca_file is a dated statement.
    if (!(pinned_profile_ && trusted) && dates_ == Dates::count) {
      if (const Finding validity = check_validity(ca, now_); validity.bad()) {
        note(validity.kind,
             validity.kind == FaultKind::expired ? "issuer expired" : "issuer not yet valid");
        return false;
      }
    }
    if (!within_path_length(ca)) {
      note(FaultKind::not_trusted, "path longer than a CA in it allows");
      return false;
    }
    if (!names_allowed(ca)) {
      note(FaultKind::not_trusted, "name outside of a CA's name constraints");
      return false;
    }
    if (signature_checks_ == kMaxSignatureChecks) {
      note(FaultKind::not_trusted, "too many candidates for the path");
      return false;
    }
    ++signature_checks_;
    switch (check_signature(child, ca.key)) {
      case SignatureResult::good:
        return true;
      case SignatureResult::bad:
        note(FaultKind::not_trusted, "signature of the issuer does not hold");
        return false;
      case SignatureResult::no_memory:
        best_.finding = {FaultKind::resources, "out of memory"};
        noted_length_ = kMaxPresented + 1;  // outranks every other finding
        return false;
    }
    return false;
  }

  // RFC 5280 section 4.2.1.9: self-issued certificates between do not count.
  [[nodiscard]] bool within_path_length(const Certificate& ca) const {
    if (!ca.extensions.path_length) return true;
    std::uint32_t between = 0;
    for (std::size_t i = 1; i < length_; ++i) {
      if (!presented_[chain_[i]].self_issued()) ++between;
    }
    return between <= *ca.extensions.path_length;
  }

  [[nodiscard]] bool names_allowed(const Certificate& ca) const {
    for (std::size_t i = 0; i < length_; ++i) {
      const Certificate& below = presented_[chain_[i]];
      if ((i == 0 || !below.self_issued()) && !within_constraints(ca, below)) return false;
    }
    return true;
  }

  // The chain is whole; whether it is the one that was asked for.
  bool accept(const Certificate* anchor) {
    bool met = pins_.empty() || (anchor != nullptr && pinned(*anchor));
    for (std::size_t i = 0; i < length_ && !met; ++i) met = pinned(presented_[chain_[i]]);
    if (met) {
      finish(anchor);
    } else {
      best_.anchor = anchor;
      best_.presented = used_;
      best_.finding = {FaultKind::pin_mismatch, "seen"};
      noted_length_ = kMaxPresented;  // a whole path says more than any broken one
    }
    return met;
  }

  void extend() {
    bool found = false;
    for (const Kinship how : kKinships) {
      if (to_anchors(how)) found = true;
      if (!done_ && to_presented(how)) found = true;
      if (done_) return;
    }
    if (!found) {
      if (pinned_profile_) {
        note(FaultKind::pin_mismatch, "seen");
      } else {
        note(FaultKind::not_trusted, "issuer is not in ca_file");
      }
    }
  }

  // Each tries every candidate of its place and kinship; whether there was one.
  bool to_anchors(Kinship how) {
    const Certificate& child = top();
    bool found = false;
    for (const Certificate& anchor : anchors_) {
      if (!same_octets(anchor.subject, child.issuer) || kinship(child, anchor) != how) continue;
      found = true;
      if (issued(anchor, true) && accept(&anchor)) break;
    }
    return found;
  }

  bool to_presented(Kinship how) {
    const Certificate& child = top();
    bool found = false;
    for (std::size_t i = 1; i < presented_.size() && length_ < kMaxPresented; ++i) {
      const Certificate& candidate = presented_[i];
      if (used_[i] || candidate.whole.empty() || !same_octets(candidate.subject, child.issuer) ||
          kinship(child, candidate) != how) {
        continue;
      }
      found = true;
      const bool ends = pinned_profile_ && pinned(candidate);
      if (!issued(candidate, ends)) continue;
      push(i);
      if (ends) {
        finish(nullptr);
      } else {
        extend();
      }
      if (done_) break;
      pop();
    }
    return found;
  }

  Presented presented_;
  std::span<const Certificate> anchors_;
  std::span<const Pin> pins_;
  bool pinned_profile_;
  std::int64_t now_;
  Dates dates_;
  std::array<std::size_t, kMaxPresented> chain_{};
  std::size_t length_ = 0;
  std::array<bool, kMaxPresented> used_{};
  unsigned signature_checks_ = 0;
  std::size_t noted_length_ = 0;
  bool done_ = false;
  Path best_;
};

}  // namespace

Path find_anchored_path(Presented presented, std::span<const Certificate> anchors,
                        std::span<const Pin> pins, std::int64_t now, Dates dates) {
  return Search(presented, anchors, pins, false, now, dates).run();
}

Path find_pinned_path(Presented presented, std::span<const Pin> pins, std::int64_t now,
                      Dates dates) {
  return Search(presented, {}, pins, true, now, dates).run();
}

}  // namespace dotkeep::tls
