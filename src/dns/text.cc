#include "dns/text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/text_writer.h"

namespace dotkeep::dns {
namespace {

void add_type(RecordText& out, Type type) {
  const RdataForm& form = form_of(type);
  if (!form.mnemonic.empty()) return out.add(form.mnemonic);
  out.add("TYPE");
  out.number(static_cast<std::uint16_t>(type));
}

void add_name(RecordText& out, Octets wire) {
  std::array<char, 1024> text;
  out.add(Name::trusted(wire).to_text(text));
}

void add_address(RecordText& out, int family, Octets octets) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (::inet_ntop(family, octets.data(), text.data(), text.size()) != nullptr) out.add(text.data());
}

// Octets in hex, `group` of them between separators (RFC 6742, RFC 7043).
void add_groups(RecordText& out, Octets octets, std::size_t group, std::string_view separator) {
  for (std::size_t at = 0; at < octets.size(); at += group) {
    if (at != 0) out.add(separator);
    out.hex(octets.subspan(at, group));
  }
}

void add_types(RecordText& out, Octets bitmap) {
  Reader reader(bitmap);
  bool first = true;
  while (const auto window = reader.u8()) {
    const auto size = reader.u8();
    const auto bits = size ? reader.take(*size) : std::nullopt;
    if (!bits) return;
    for (unsigned i = 0; i < 8 * bits->size(); ++i) {
      if (((*bits)[i / 8] & (0x80U >> i % 8)) == 0) continue;
      if (!first) out.add(" ");
      first = false;
      // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): any 16 bits are a Type.
      add_type(out, static_cast<Type>(*window * 256U + i));
    }
  }
}

void add_strings(RecordText& out, Octets strings) {
  Reader reader(strings);
  for (bool first = true; const auto size = reader.u8(); first = false) {
    const auto string = reader.take(*size);
    if (!string) return;
    if (!first) out.add(" ");
    out.quoted(*string);
  }
}

void add_params(RecordText& out, Octets params) {
  Reader reader(params);
  for (bool first = true; const auto key = reader.u16(); first = false) {
    const auto size = reader.u16();
    const auto value = size ? reader.take(*size) : std::nullopt;
    if (!value) return;
    out.add(first ? "key" : " key");
    out.number(*key);
    if (value->empty()) continue;
    out.add("=");
    out.quoted(*value);
  }
}

void add_number(RecordText& out, Octets octets) {
  std::uint64_t value = 0;
  for (const std::uint8_t octet : octets) value = value << 8 | octet;
  out.number(value);
}

void add_field(RecordText& out, Field field, Octets octets) {
  switch (field) {
    case Field::u8:
    case Field::assigned:
    case Field::u16:
    case Field::u32:
    case Field::time:
      return add_number(out, octets);
    case Field::type:
      return add_type(out, static_cast<Type>(octets[0] << 8 | octets[1]));
    case Field::ipv4:
      return add_address(out, AF_INET, octets);
    case Field::ipv6:
      return add_address(out, AF_INET6, octets);
    case Field::u64:
      return add_groups(out, octets, 2, ":");
    case Field::eui48:
    case Field::eui64:
      return add_groups(out, octets, 1, "-");
    case Field::name:
      return add_name(out, octets);
    case Field::string:
      return out.quoted(octets.subspan(1));
    case Field::strings:
      return add_strings(out, octets);
    case Field::salt:
      return octets.size() == 1 ? out.add("-") : out.hex(octets.subspan(1));
    case Field::hash:
      return out.base32hex(octets.subspan(1));
    case Field::caa_tag:
      for (const std::uint8_t octet : octets.subspan(1)) {
        const char letter = static_cast<char>(octet);
        out.add({&letter, 1});
      }
      return;
    case Field::bitmap:
      return add_types(out, octets);
    case Field::quoted:
    case Field::quoted_or_none:
      return out.quoted(octets);
    case Field::svc_params:
      return add_params(out, octets);
    case Field::digest:
      return out.hex(octets);
    default:
      return out.base64(octets);
  }
}

// RFC 3597 section 5: any RDATA whatever.
void add_unknown(RecordText& out, Octets rdata) {
  out.add("\\# ");
  out.number(rdata.size());
  if (rdata.empty()) return;
  out.add(" ");
  out.hex(rdata);
}

bool is_generic(const RdataForm& form) {
  const auto has = [&](Field field) {
    return std::ranges::find(form.fields, field) != form.fields.end();
  };
  return form.mnemonic.empty() || has(Field::loc) || has(Field::apl) || has(Field::gateway) ||
         form.fields[0] == Field::rest_or_none;
}

}  // namespace

std::string_view type_text(Type type, std::span<char> out) {
  RecordText text(out);
  add_type(text, type);
  return text.written();
}

std::string_view record_text(const Record& record, std::span<char> out) {
  RecordText text(out);
  add_name(text, record.owner);
  text.add(" ");
  text.number(record.ttl);
  text.add(" IN ");
  add_type(text, record.type);
  text.add(" ");
  const RdataForm& form = form_of(record.type);
  if (is_generic(form)) {
    add_unknown(text, record.rdata);
    return text.written();
  }
  std::size_t at = 0;
  for (const Field field : form.fields) {
    if (field == Field::none) break;
    const Octets rest = record.rdata.subspan(at);
    const std::size_t size = field_size(field, rest);
    if (at != 0) text.add(" ");
    add_field(text, field, rest.first(size));
    at += size;
  }
  return text.written();
}

}  // namespace dotkeep::dns
