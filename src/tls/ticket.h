// What a server gave to shorten the next handshake (RFC 8446 section 2.2), with the certificates
// that it was given under: they are held against the policy of the day before it is used.
#pragma once

#include <memory>

namespace dotkeep::tls {

// Used once, by whoever gets it next. Empty when made by default or moved from. Its secrets are
// wiped with it.
class Ticket {
 public:
  Ticket();
  Ticket(Ticket&&) noexcept;
  Ticket& operator=(Ticket&&) noexcept;
  ~Ticket();

  [[nodiscard]] explicit operator bool() const { return state_ != nullptr; }

  struct State;

 private:
  friend class Session;
  explicit Ticket(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace dotkeep::tls
