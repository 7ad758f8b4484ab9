// The workers: which there are, the walls between them, and how each is started anew without its
// neighbours noticing more than a new wall.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/time.h"
#include "ipc/messages.h"
#include "supervisor/backoff.h"
#include "supervisor/control_sockets.h"
#include "supervisor/frontend_memory.h"
#include "supervisor/listeners.h"
#include "supervisor/shared_pages.h"
#include "supervisor/spawn.h"

namespace dotkeep::supervisor {

enum class Room : std::uint8_t { upstream, connector, frontend, control };

struct Worker {
  Room room = Room::frontend;
  std::uint32_t index = 0;  // among those of its room
  std::string name;         // "frontend[0]"
  pid_t pid = 0;            // 0: not running
  Fd orders;                // our end; cannot be read
  Fd unsealed;              // ends (POLLHUP) when the worker has sealed itself, or died
  bool sealed = false;
  Time sealed_at = Time::max();  // when it counts as sealed, unless it turns out to have died
  Time started{};
  Time restart_at{};  // when not running
  Backoff backoff;
  bool told_to_end = false;  // by us: its end is no death
  Time heeded{};             // when it had last read all that it was told
  std::uint64_t restarts = 0;
  std::string death;  // why the one before it ended
};

class Family {
 public:
  struct Programs {
    Fd frontend, upstream, connector, control;
  };

  // `config` and `trust` are sealed memfds. There are as many frontends as `memory` has pages of
  // counters; a control room where it has a socket. `empty_root` may be missing; `namespaces`:
  // workers get some of their own where the kernel makes them. Nothing is started yet.
  Family(Programs programs, std::vector<Listener> listeners, FrontendMemory memory,
         SharedPages pages, ControlSockets control, Fd config, Fd trust, Fd null, Fd empty_root,
         bool namespaces);

  // The connector's notices of the network (network_notices.h). Before the first start.
  void give_network(Fd notices) { network_ = std::move(notices); }

  // Starts one, with walls to those of its neighbours that run. False: the kernel had no process or
  // descriptor for it, which was logged.
  bool start(Worker& worker, Time now);
  // Who is at the other end of wall number `wall` of `worker`; null where it has no such wall.
  [[nodiscard]] Worker* across(const Worker& worker, std::uint32_t wall);
  // A process of ours ended: forgets its descriptors; null when it was none of ours.
  Worker* buried(pid_t pid);

  // Tells a worker to show that it lives, unless it has still to read what it was told before.
  // Since when there is something that it has not read; nothing: it has read all. What it says is
  // not heard: the kernel tells how much of what we wrote was read.
  [[nodiscard]] std::optional<Time> ping(Worker& worker, Time now);

  // A new configuration for all, and for those to come.
  void reconfigure(Fd config, Fd trust);
  // Tells a room's workers to finish.
  void drain(Room room);

  [[nodiscard]] std::vector<Worker>& workers() { return workers_; }
  [[nodiscard]] bool all_sealed() const;
  [[nodiscard]] bool any_running(Room room) const;
  [[nodiscard]] bool any_running() const;
  // Every descriptor that must survive the supervisor's own seal.
  [[nodiscard]] std::vector<int> descriptors() const;

 private:
  [[nodiscard]] Worker& upstream() { return workers_[0]; }
  [[nodiscard]] Worker& frontend(std::uint32_t index) { return workers_[2 + index]; }
  // Null when there is none.
  [[nodiscard]] Worker* control() {
    return workers_.back().room == Room::control ? &workers_.back() : nullptr;
  }
  // A new wall between `worker` and `peer`: the peer is told by order if it runs; the worker's end.
  // Without a peer: a wall that has ended.
  [[nodiscard]] Fd wall_to(const Worker& worker, Worker* peer, std::uint16_t number_at_peer);
  // What a room is given besides what all are.
  void add_control(Launch& what, std::vector<Fd>& walls);
  // The process's id; in namespaces where the kernel makes them.
  [[nodiscard]] std::expected<pid_t, int> launch_confined(Launch& what);
  void tell_of_config(Worker& worker);
  [[nodiscard]] bool send(const Worker& to, const ipc::Order& order, std::vector<int> fds);
  [[nodiscard]] static std::uint16_t wall_number(const Worker& worker);

  Programs programs_;
  std::vector<Listener> listeners_;
  FrontendMemory memory_;
  SharedPages pages_;
  ControlSockets control_;
  std::uint32_t frontends_;
  Fd config_;
  Fd trust_;
  Fd null_;
  Fd empty_root_;
  Fd network_;                   // may be missing
  bool namespaces_;              // until the kernel refuses once: it is not asked again
  std::vector<Worker> workers_;  // the upstream, the connector, the frontends, the control
};

}  // namespace dotkeep::supervisor
