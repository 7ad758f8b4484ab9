#include "ipc/codec.h"

#include <type_traits>
#include <utility>

namespace dotkeep::ipc {
namespace {

// The body of one kind of message: how it is written and read. A getter that fails leaves the
// cursor where it was, so a smaller one after it may succeed: each is checked. `kind` is its number
// in its direction.
template <typename Body>
struct Form;

template <>
struct Form<Ask> {
  static void write(const Ask& m, Writer& w) {
    w.u32(m.ticket);
    w.u64(m.upstreams);
    w.u32(m.timeout_ms);
    w.u16(m.padding_at);
    w.u32(m.table);
    w.octets(m.query);
  }
  static std::optional<Ask> read(Reader& r) {
    const auto ticket = r.u32();
    const auto upstreams = r.u64();
    const auto timeout_ms = r.u32();
    const auto padding_at = r.u16();
    const auto table = r.u32();
    if (!ticket || !upstreams || !timeout_ms || !padding_at || !table) return std::nullopt;
    const Octets query = r.rest();
    if (*upstreams == 0 || *timeout_ms > kMaxTimeoutMs) return std::nullopt;
    if (query.size() < kMinQuery || query.size() > kMaxQuery) return std::nullopt;
    if (*padding_at > query.size()) return std::nullopt;
    return Ask{*ticket, *upstreams, *timeout_ms, *padding_at, query, *table};
  }
};

template <>
struct Form<IdleTime> {
  static void write(const IdleTime& m, Writer& w) {
    w.u32(m.connection);
    w.u16(m.units_of_100_ms);
  }
  static std::optional<IdleTime> read(Reader& r) {
    const auto connection = r.u32();
    const auto units = r.u16();
    if (!connection || !units) return std::nullopt;
    return IdleTime{*connection, *units};
  }
};

template <>
struct Form<Answer> {
  static void write(const Answer& m, Writer& w) {
    w.u32(m.ticket);
    w.u8(m.upstream);
    w.u32(m.connection);
    w.octets(m.reply);
  }
  static std::optional<Answer> read(Reader& r) {
    const auto ticket = r.u32();
    const auto upstream = r.u8();
    const auto connection = r.u32();
    if (!ticket || !upstream || !connection) return std::nullopt;
    const Octets reply = r.rest();
    if (reply.size() < kMinReply || reply.size() > kMaxReply) return std::nullopt;
    return Answer{*ticket, *upstream, *connection, reply};
  }
};

template <>
struct Form<Failure> {
  static void write(const Failure& m, Writer& w) {
    w.u32(m.ticket);
    w.u8(m.upstream);
    w.u8(static_cast<std::uint8_t>(m.fault));
  }
  static std::optional<Failure> read(Reader& r) {
    const auto ticket = r.u32();
    const auto upstream = r.u8();
    const auto fault = r.u8();
    if (!ticket || !upstream || !fault || *fault >= kUpstreamFaults) return std::nullopt;
    return Failure{*ticket, *upstream, static_cast<UpstreamFault>(*fault)};
  }
};

template <>
struct Form<Connect> {
  static void write(const Connect& m, Writer& w) {
    w.u32(m.request);
    w.u8(m.upstream);
  }
  static std::optional<Connect> read(Reader& r) {
    const auto request = r.u32();
    const auto upstream = r.u8();
    if (!request || !upstream) return std::nullopt;
    return Connect{*request, *upstream};
  }
};

template <>
struct Form<Connecting> {
  static void write(const Connecting& m, Writer& w) { w.u32(m.request); }
  static std::optional<Connecting> read(Reader& r) {
    const auto request = r.u32();
    if (!request) return std::nullopt;
    return Connecting{*request};
  }
};

template <>
struct Form<NotConnecting> {
  static void write(const NotConnecting& m, Writer& w) {
    w.u32(m.request);
    w.u32(m.error);
  }
  static std::optional<NotConnecting> read(Reader& r) {
    const auto request = r.u32();
    const auto error = r.u32();
    if (!request || !error) return std::nullopt;
    return NotConnecting{*request, *error};
  }
};

template <>
struct Form<Flush> {
  static void write(const Flush& m, Writer& w) {
    w.u32(m.request);
    w.u8(static_cast<std::uint8_t>(m.scope));
    w.octets(m.name);
  }
  static std::optional<Flush> read(Reader& r) {
    const auto request = r.u32();
    const auto scope = r.u8();
    if (!request || !scope || *scope > static_cast<std::uint8_t>(Flush::Scope::suffix) ||
        r.remaining() > kMaxFlushName || (*scope == 0) != r.empty()) {
      return std::nullopt;
    }
    return Flush{*request, static_cast<Flush::Scope>(*scope), r.rest()};
  }
};

template <>
struct Form<Flushed> {
  static void write(const Flushed& m, Writer& w) {
    w.u32(m.request);
    w.u8(m.understood ? 1 : 0);
    w.u64(m.entries);
  }
  static std::optional<Flushed> read(Reader& r) {
    const auto request = r.u32();
    const auto understood = r.u8();
    const auto entries = r.u64();
    if (!request || !understood || *understood > 1 || !entries) return std::nullopt;
    return Flushed{*request, *understood == 1, *entries};
  }
};

template <>
struct Form<NewWall> {
  static void write(const NewWall& m, Writer& w) { w.u16(m.wall); }
  static std::optional<NewWall> read(Reader& r) {
    const auto wall = r.u16();
    if (!wall) return std::nullopt;
    return NewWall{*wall};
  }
};

template <typename Empty>
struct EmptyForm {
  static void write(const Empty&, Writer&) {}
  static std::optional<Empty> read(Reader&) { return Empty{}; }
};
template <>
struct Form<NetworkChanged> : EmptyForm<NetworkChanged> {};
template <>
struct Form<NewConfig> : EmptyForm<NewConfig> {};
template <>
struct Form<Drain> : EmptyForm<Drain> {};
template <>
struct Form<Ping> : EmptyForm<Ping> {};

template <typename Variant>
bool encode_variant(const Variant& message, Writer& record) {
  const std::size_t before = record.size();
  record.u8(static_cast<std::uint8_t>(message.index()));
  record.u32(0);
  const std::size_t body = record.size();
  std::visit([&record](const auto& m) { Form<std::decay_t<decltype(m)>>::write(m, record); },
             message);
  if (!record.ok()) {
    record.rewind(before);
    return false;
  }
  const std::size_t size = record.size() - body;
  record.patch_u16(before + 1, static_cast<std::uint16_t>(size >> 16));
  record.patch_u16(before + 3, static_cast<std::uint16_t>(size));
  return true;
}

template <typename Variant, std::size_t... Kinds>
std::optional<Variant> decode_kind(std::size_t kind, Reader& body, std::index_sequence<Kinds...>) {
  std::optional<Variant> message;
  const auto attempt = [&]<std::size_t Kind>() {
    if (kind != Kind) return;
    if (auto m = Form<std::variant_alternative_t<Kind, Variant>>::read(body)) message.emplace(*m);
  };
  (attempt.template operator()<Kinds>(), ...);
  return message;
}

template <typename Variant>
std::optional<Variant> decode_variant(Reader& record) {
  const auto kind = record.u8();
  const auto size = record.u32();
  if (!kind || !size) return std::nullopt;
  const auto octets = record.take(*size);
  if (!octets) return std::nullopt;
  Reader body(*octets);
  auto message =
      decode_kind<Variant>(*kind, body, std::make_index_sequence<std::variant_size_v<Variant>>{});
  if (!message || !body.empty()) return std::nullopt;
  return message;
}

}  // namespace

bool encode(const FrontendToUpstream& message, Writer& record) {
  return encode_variant(message, record);
}
bool encode(const UpstreamToFrontend& message, Writer& record) {
  return encode_variant(message, record);
}
bool encode(const UpstreamToConnector& message, Writer& record) {
  return encode_variant(message, record);
}
bool encode(const ConnectorToUpstream& message, Writer& record) {
  return encode_variant(message, record);
}
bool encode(const ControlToFrontend& message, Writer& record) {
  return encode_variant(message, record);
}
bool encode(const FrontendToControl& message, Writer& record) {
  return encode_variant(message, record);
}
bool encode(const Order& message, Writer& record) {
  return encode_variant(message, record);
}

template <>
std::optional<FrontendToUpstream> decode(Reader& record) {
  return decode_variant<FrontendToUpstream>(record);
}
template <>
std::optional<UpstreamToFrontend> decode(Reader& record) {
  return decode_variant<UpstreamToFrontend>(record);
}
template <>
std::optional<UpstreamToConnector> decode(Reader& record) {
  return decode_variant<UpstreamToConnector>(record);
}
template <>
std::optional<ConnectorToUpstream> decode(Reader& record) {
  return decode_variant<ConnectorToUpstream>(record);
}
template <>
std::optional<ControlToFrontend> decode(Reader& record) {
  return decode_variant<ControlToFrontend>(record);
}
template <>
std::optional<FrontendToControl> decode(Reader& record) {
  return decode_variant<FrontendToControl>(record);
}
template <>
std::optional<Order> decode(Reader& record) {
  return decode_variant<Order>(record);
}

}  // namespace dotkeep::ipc
