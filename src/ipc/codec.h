// Messages to octets and back. In a record each message is: kind u8 | size u32 | body. Decoding
// accepts exactly what encoding makes: a kind of that direction, the size of its body, every field
// in its bounds.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "ipc/messages.h"

namespace dotkeep::ipc {

// Octets before each message's body.
inline constexpr std::size_t kMessageHeader = 5;

// Appends; on a full writer nothing was written and the result is false.
[[nodiscard]] bool encode(const FrontendToUpstream& message, Writer& record);
[[nodiscard]] bool encode(const UpstreamToFrontend& message, Writer& record);
[[nodiscard]] bool encode(const UpstreamToConnector& message, Writer& record);
[[nodiscard]] bool encode(const ConnectorToUpstream& message, Writer& record);
[[nodiscard]] bool encode(const ControlToFrontend& message, Writer& record);
[[nodiscard]] bool encode(const FrontendToControl& message, Writer& record);
[[nodiscard]] bool encode(const Order& message, Writer& record);

// The next message of the record. Nothing: the sender broke the contract (the record is not empty:
// check Reader::empty() first), and the receiver is to end.
template <typename Message>
[[nodiscard]] std::optional<Message> decode(Reader& record);

template <>
std::optional<FrontendToUpstream> decode(Reader& record);
template <>
std::optional<UpstreamToFrontend> decode(Reader& record);
template <>
std::optional<UpstreamToConnector> decode(Reader& record);
template <>
std::optional<ConnectorToUpstream> decode(Reader& record);
template <>
std::optional<ControlToFrontend> decode(Reader& record);
template <>
std::optional<FrontendToControl> decode(Reader& record);
template <>
std::optional<Order> decode(Reader& record);

}  // namespace dotkeep::ipc
