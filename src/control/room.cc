#include "control/room.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "control/http_answer.h"
#include "control/http_request.h"
#include "control/render.h"
#include "ipc/descriptors.h"
#include "ipc/exit_status.h"

namespace dotkeep::control {
namespace {

// A monitoring system scrapes from one or two places, a person asks from one.
constexpr std::size_t kScrapers = 8;
constexpr std::size_t kOperators = 4;
// A frontend walks through all of its cache: some milliseconds for each 64 MiB.
constexpr Duration kFlushTime = std::chrono::seconds(3);

StreamServer::Limits limits(std::size_t places, std::size_t input, const Room::Given& given) {
  return {places, input, kMaxAnswerHeader + rendered_size(given.frontends, given.servers)};
}

}  // namespace

Room::Room(const Given& given, const Pages& pages)
    : observer_(pages),
      body_(std::make_unique_for_overwrite<char[]>(rendered_size(given.frontends, given.servers))),
      body_size_(rendered_size(given.frontends, given.servers)),
      metrics_(loop_, limits(kScrapers, kMaxRequest + 1, given), tally_,
               [this](std::string_view input, Text& out, StreamServer::Id) {
                 return on_http(input, out);
               }),
      operators_(loop_, limits(kOperators, kMaxLine + 1, given), tally_,
                 [this](std::string_view input, Text& out, StreamServer::Id id) {
                   return on_line(input, out, id);
                 }),
      orders_(loop_, 1,
              {[this](Octets record, ipc::Passed& p) { return on_orders_record(record, p); },
               [this](ipc::ChannelEnd how) {
                 if (how == ipc::ChannelEnd::breach) breach("the supervisor", 1);
                 loop_.stop();
               }}),
      timer_(loop_, [] {}) {  // the turn's end does it all
  if (given.control_socket) operators_.listen(Fd(ipc::kControlSocketFd));
  if (given.metrics_socket) metrics_.listen(Fd(ipc::kMetricsSocketFd));
  orders_.open(Fd(ipc::kOrdersFd));
  flush_.awaited.resize(given.frontends);
  for (std::uint32_t i = 0; i < given.frontends; ++i) {
    walls_.push_back(std::make_unique<ipc::Channel>(
        loop_, 1,
        ipc::Channel::Handlers{[this, i](Octets record, ipc::Passed& passed) {
                                 return passed.count == 0 && on_wall_record(i, record);
                               },
                               [this, i](ipc::ChannelEnd how) {
                                 if (how == ipc::ChannelEnd::breach)
                                   breach("a frontend", ipc::breach_status(i));
                               }}));
    walls_.back()->open(Fd(ipc::kFirstControlWallFd + static_cast<int>(i)));
  }
  loop_.at_end_of_turn([this] { end_turn(); });
}

std::size_t Room::memory(const Given& given) {
  constexpr std::size_t kFixed = 4U << 20;  // the loop's own, a parse of the largest configuration
  constexpr std::size_t kPerWall = 2 * ipc::kMaxRecord + 4096;
  return kFixed + Observer::memory(given.frontends) + (1 + given.frontends) * kPerWall +
         StreamServer::memory(limits(kScrapers + kOperators + 1, kMaxRequest + 1, given));
}

int Room::run(const sandbox::Sealed& sealed) {
  metrics_.start();
  operators_.start();
  loop_.run(sealed);
  return status_;
}

// --- scrapers

StreamServer::Verdict Room::on_http(std::string_view input, Text& out) {
  const HttpRequest request = parse_http_request(input);
  if (request.status == HttpStatus::incomplete) return StreamServer::Verdict::more;
  Text body({body_.get(), body_size_});
  if (request.status != HttpStatus::ok) {
    ++tally_.bad_requests;
    http_error(static_cast<unsigned>(request.status), request.head, out);
  } else if (request.path == "/metrics") {
    ++tally_.scrapes;
    render_metrics(observer_.look(loop_.now(), tally_), body);
    http_answer(200, request.head, body, out);
  } else if (request.path == "/healthz") {
    ++tally_.other_requests;
    const bool healthy = is_healthy(observer_.look(loop_.now(), tally_));
    body.raw(healthy ? "ok\n" : "not healthy: 'dotkeep status' says why\n");
    http_answer(healthy ? 200 : 503, request.head, body, out);
  } else {
    ++tally_.bad_requests;
    http_error(404, request.head, out);
  }
  return StreamServer::Verdict::answered;
}

// --- operators

StreamServer::Verdict Room::on_line(std::string_view input, Text& out, StreamServer::Id id) {
  const std::size_t end = input.find('\n');
  const bool too_long = end == std::string_view::npos && input.size() > kMaxLine;
  if (end == std::string_view::npos && !too_long) return StreamServer::Verdict::more;
  const auto command = too_long ? std::nullopt : parse_control_line(input.substr(0, end));
  ++(command ? tally_.commands : tally_.bad_commands);
  if (!command) {
    out.raw(
        "error: what may be said is: status [json] [addresses], flush [NAME], flush-suffix NAME\n");
    return StreamServer::Verdict::answered;
  }
  if (command->kind == Command::Kind::flush) return begin_flush(*command, out, id);
  const Snapshot& snapshot = observer_.look(loop_.now(), tally_);
  out.raw("ok\n");
  (command->json ? render_status_json : render_status)(snapshot, command->addresses, out);
  return StreamServer::Verdict::answered;
}

StreamServer::Verdict Room::begin_flush(const Command& command, Text& out, StreamServer::Id id) {
  if (flush_.active) {
    out.raw("error: another flush is under way\n");
    return StreamServer::Verdict::answered;
  }
  ++flush_.request;
  flush_.scope = command.scope;
  flush_.name_size = command.name.copy(flush_.name.data(), flush_.name.size());
  flush_.active = true;
  flush_.client = id;
  flush_.deadline = loop_.now() + kFlushTime;
  flush_.entries = 0;
  flush_.understood = true;
  for (std::size_t i = 0; i < walls_.size(); ++i) {
    flush_.awaited[i] = true;
    send_flush(i);
  }
  return StreamServer::Verdict::later;
}

// One that does not run is told when it is started again: it may have read what another had saved.
void Room::send_flush(std::size_t frontend) {
  ipc::Flush message;
  message.request = flush_.request;
  message.scope = flush_.scope;
  message.name = {reinterpret_cast<const std::uint8_t*>(flush_.name.data()), flush_.name_size};
  static_cast<void>(walls_[frontend]->append(ipc::ControlToFrontend(message)));
}

void Room::end_flush() {
  if (!flush_.active) return;
  const bool all = std::ranges::none_of(flush_.awaited, [](bool awaited) { return awaited; });
  if (!all && loop_.now() < flush_.deadline) return;
  flush_.active = false;
  std::array<char, 128> octets{};
  Text text(octets);
  if (!flush_.understood) {
    text.raw("error: that is no domain name\n");
  } else if (!all) {
    text.raw("error: not every frontend has answered in time; ").number(flush_.entries);
    text.raw(" answers forgotten\n");
  } else {
    text.raw("ok\n").number(flush_.entries).raw(" answers forgotten\n");
  }
  operators_.answer(flush_.client, text.view());
}

// --- walls and orders

bool Room::on_wall_record(std::size_t frontend, Octets record) {
  Reader reader(record);
  while (!reader.empty()) {
    const auto message = ipc::decode<ipc::FrontendToControl>(reader);
    if (!message) return false;
    const auto& flushed = std::get<ipc::Flushed>(*message);
    if (!flush_.active || flushed.request != flush_.request || !flush_.awaited[frontend]) continue;
    flush_.awaited[frontend] = false;
    flush_.understood = flush_.understood && flushed.understood;
    flush_.entries += flushed.entries;
  }
  return true;
}

bool Room::on_orders_record(Octets record, ipc::Passed& passed) {
  Reader reader(record);
  while (!reader.empty()) {
    const auto order = ipc::decode<ipc::Order>(reader);
    if (!order) return false;
    if (const auto* wall = std::get_if<ipc::NewWall>(&*order)) {
      if (passed.count != 1 || wall->wall >= walls_.size()) return false;
      walls_[wall->wall]->open(std::move(passed.fds[0]));
      if (flush_.active && flush_.awaited[wall->wall]) send_flush(wall->wall);
      continue;
    }
    if (std::holds_alternative<ipc::Ping>(*order)) continue;
    // Its answers are sized by the configuration: a new one needs a new control room.
    if (std::holds_alternative<ipc::NewConfig>(*order))
      log::info("makes way for a new control room");
    loop_.stop();
  }
  return true;
}

void Room::breach(std::string_view by, int status) {
  log::error("the contract of a wall was broken", {{"by", by}});
  status_ = status;
  loop_.stop();
}

void Room::end_turn() {
  end_flush();
  for (const auto& wall : walls_) wall->flush();
  const Time now = loop_.now();
  Time next = std::min(metrics_.tick(now), operators_.tick(now));
  if (flush_.active) next = std::min(next, flush_.deadline);
  if (next != Time::max()) timer_.arm(next);
}

}  // namespace dotkeep::control
