// What we tell the service manager (sd_notify(3)): a datagram to the socket that NOTIFY_SOCKET
// names.
#pragma once

#include <optional>
#include <string_view>

#include "base/fd.h"
#include "base/time.h"

namespace dotkeep::supervisor {

class Notifier {
 public:
  // Connects to NOTIFY_SOCKET and reads WATCHDOG_USEC, both once, before the privileges go. Without
  // a service manager everything below does nothing.
  [[nodiscard]] static Notifier from_environment();

  // "READY=1", "STOPPING=1", "WATCHDOG=1", "RELOADING=1\nMONOTONIC_USEC=..."
  void tell(std::string_view state) const;
  // How often WATCHDOG=1 is due: half of what was asked for.
  [[nodiscard]] std::optional<Duration> watchdog_interval() const { return interval_; }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  Fd fd_;
  std::optional<Duration> interval_;
};

}  // namespace dotkeep::supervisor
