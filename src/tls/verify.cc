#include "tls/verify.h"

#include <algorithm>

#include "tls/civil_time.h"
#include "tls/crypto.h"
#include "tls/leaf_check.h"
#include "tls/ocsp.h"
#include "tls/pin.h"
#include "tls/text.h"

namespace dotkeep::tls {

namespace {

using Certificates = std::array<Certificate, kMaxPresented>;

// Constant words and what was seen, joined.
Fault fault_of(const Finding& finding, std::string_view seen) {
  Fault fault{finding.kind, finding.detail};
  if (!seen.empty()) {
    append_text(fault.detail, " ");
    append_text(fault.detail, seen);
  }
  return fault;
}

Fault leaf_fault(const Finding& finding, const Certificate& leaf) {
  switch (finding.kind) {
    case FaultKind::name_mismatch:
      return fault_of(finding, san_text(leaf));
    case FaultKind::expired:
      return fault_of(finding, date_text(leaf.not_after));
    case FaultKind::not_yet_valid:
      return fault_of(finding, date_text(leaf.not_before));
    default:
      return fault_of(finding, "");
  }
}

// The pins that were there to be matched.
std::string pins_seen(std::span<const Certificate> presented, const Path& path) {
  std::string text;
  for (std::size_t i = 0; i < presented.size(); ++i) {
    if (i != 0 && !path.presented[i]) continue;
    if (!text.empty()) append_text(text, ", ");
    append_text(text, pin_to_text(sha256(presented[i].spki)));
  }
  if (path.anchor != nullptr) {
    append_text(text, ", ");
    append_text(text, pin_to_text(sha256(path.anchor->spki)));
  }
  return text;
}

Fault path_fault(std::span<const Certificate> presented, const Path& path) {
  if (path.finding.kind == FaultKind::pin_mismatch) {
    return fault_of(path.finding, pins_seen(presented, path));
  }
  if (path.finding.kind != FaultKind::not_trusted) return fault_of(path.finding, "");
  return fault_of(path.finding, "(issuer: " + name_text(presented[0].issuer) + ")");
}

// A pinned key speaks for itself in whatever certificate it comes, even a CA's or one past its
// date; it must only be a key worth trusting. A certificate below a pinned one is a statement like
// any.
Finding check_pinned_leaf(const Certificate& leaf, std::span<const Pin> pins, std::int64_t now,
                          Dates dates) {
  if (std::ranges::find(pins, sha256(leaf.spki)) != pins.end()) {
    if (!strong(leaf.key)) return {FaultKind::weak_key, "key too small or of a kind not accepted"};
    return {};
  }
  if (const Finding form = check_leaf_form(leaf); form.bad()) return form;
  return dates == Dates::count ? check_validity(leaf, now) : Finding{};
}

int matched_pin(std::span<const Certificate> presented, const Path& path,
                std::span<const Pin> pins) {
  for (std::size_t i = 0; i < pins.size(); ++i) {
    if (path.anchor != nullptr && sha256(path.anchor->spki) == pins[i]) return static_cast<int>(i);
    for (std::size_t j = 0; j < presented.size(); ++j) {
      if (path.presented[j] && sha256(presented[j].spki) == pins[i]) return static_cast<int>(i);
    }
  }
  return -1;
}

// Names before trust: a certificate for somebody else is the clearer finding.
Finding check_own(const Certificate& leaf, const Identity& identity, std::int64_t now,
                  Dates dates) {
  if (identity.name.empty()) return check_pinned_leaf(leaf, identity.pins, now, dates);
  // A date within its validity is one that says nothing against it.
  return check_leaf(leaf, identity.name, dates == Dates::count ? now : leaf.not_before);
}

Verdict verify_at(std::span<const Octets> presented, const Identity& identity,
                  const Anchors& anchors, std::int64_t now, Dates dates) {
  Verdict verdict;
  if (identity.name.empty() && identity.pins.empty()) {
    verdict.fault = {FaultKind::not_trusted, "no name and no pin to prove"};
    return verdict;
  }
  if (presented.empty() || presented.size() > kMaxPresented) {
    verdict.fault = {FaultKind::certificate_form,
                     presented.empty() ? "the server presented no certificate"
                                       : "the server presented too many certificates"};
    return verdict;
  }
  Certificates certificates;
  for (std::size_t i = 0; i < presented.size(); ++i) {
    if (const auto parsed = parse_certificate(presented[i])) {
      certificates[i] = *parsed;
    } else if (i == 0) {
      verdict.fault = {FaultKind::certificate_form, parsed.error()};
      return verdict;
    }
  }
  const std::span<const Certificate> chain = std::span(certificates).first(presented.size());
  verdict.leaf_not_after = chain[0].not_after;

  if (const Finding own = check_own(chain[0], identity, now, dates); own.bad()) {
    verdict.fault = leaf_fault(own, chain[0]);
    return verdict;
  }
  Path path = identity.name.empty()
                  ? find_pinned_path(chain, identity.pins, now, dates)
                  : find_anchored_path(chain, anchors.all(), identity.pins, now, dates);
  if (path.finding.kind == FaultKind::pin_mismatch && identity.pin_mode == PinMode::report &&
      !identity.name.empty()) {
    verdict.unpinned = pins_seen(chain, path);
    path = find_anchored_path(chain, anchors.all(), {}, now, dates);
  }
  if (path.finding.bad()) {
    verdict.fault = path_fault(chain, path);
    return verdict;
  }
  verdict.in_path = path.presented;
  verdict.matched_pin = matched_pin(chain, path, identity.pins);
  if (!identity.name.empty()) {
    verdict.issuer = path.issuer == nullptr ? chain[0].whole : path.issuer->whole;
  }
  return verdict;
}

}  // namespace

Verdict verify(std::span<const Octets> presented, const Identity& identity, const Anchors& anchors,
               std::int64_t now) {
  Verdict verdict = verify_at(presented, identity, anchors, now, Dates::count);
  // Without a name no date may have been looked at.
  verdict.dated = verdict.fault.kind == FaultKind::none && !identity.name.empty();
  if (verdict.fault.kind != FaultKind::none && identity.clock != nullptr &&
      !identity.clock->synchronised && !identity.pins.empty()) {
    Verdict undated = verify_at(presented, identity, anchors, now, Dates::ignored);
    undated.undated = true;
    if (undated.fault.kind == FaultKind::none && undated.matched_pin >= 0) return undated;
  }
  return verdict;
}

Fault verify_status(Octets staple, Octets leaf, const Verdict& verdict, const Identity& identity,
                    std::int64_t now) {
  if (identity.name.empty()) return {};
  const auto own = parse_certificate(leaf);
  const auto issuer = parse_certificate(verdict.issuer);
  if (!own || !issuer) return {FaultKind::certificate_form, "no issuer"};  // verify() parsed both
  Fault fault = check_status(staple, *own, *issuer, identity.ocsp, now);
  // Without a clock of which the certificate could be true no staple can be fresh, but one may
  // tell.
  if (verdict.undated && fault.kind != FaultKind::revoked) return {};
  return fault;
}

std::vector<PresentedCertificate> describe(std::span<const Octets> presented,
                                           const std::array<bool, kMaxPresented>& in_path) {
  std::vector<PresentedCertificate> list;
  for (std::size_t i = 0; i < presented.size() && i < kMaxPresented; ++i) {
    PresentedCertificate one;
    if (const auto certificate = parse_certificate(presented[i])) {
      one.subject = name_text(certificate->subject);
      one.issuer = name_text(certificate->issuer);
      one.not_after = date_text(certificate->not_after);
      one.pin = sha256(certificate->spki);
      one.in_verified_path = in_path[i];
    } else {
      one.subject = "(not understood)";
    }
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace dotkeep::tls
