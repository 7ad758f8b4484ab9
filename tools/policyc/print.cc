#include <array>
#include <utility>

#include "policyc/document.h"

namespace dotkeep::policyc {
namespace {

constexpr std::array kSections = {std::pair{Section::start, std::string_view("start")},
                                  std::pair{Section::bounds, std::string_view("bounds")},
                                  std::pair{Section::run, std::string_view("run")}};

std::string line(std::string_view what, std::string_view reason) {
  std::string text = "  ";
  text += what;
  text += " : ";
  text += reason;
  text += '\n';
  return text;
}

std::string set_of(const std::vector<Value>& values) {
  std::string text = "{";
  for (const Value& value : values) {
    if (text.size() > 1) text += ", ";
    text += value.text;
  }
  return text + "}";
}

std::string in_section(const Document& document, Section section) {
  std::string text;
  if (section == Section::bounds) {
    for (const Limit& limit : document.limits) {
      text += line("limit " + limit.name + ' ' + std::to_string(limit.value), limit.reason);
    }
    for (const Landlock& landlock : document.landlocks) {
      text += line("landlock " + landlock.what, landlock.reason);
    }
    for (const Layer& layer : document.layers) text += line("layer " + layer.what, layer.reason);
  }
  for (const Allow& allow : document.allows) {
    if (allow.section == section) text += line(to_text(allow), allow.reason);
  }
  if (section == Section::run) {
    for (const Answer& answer : document.answers) {
      text += line("answer " + answer.name + ' ' + answer.error.text, answer.reason);
    }
  }
  return text;
}

}  // namespace

std::string Problem::to_text(std::string_view file) const {
  std::string text(file);
  if (line != 0) text += ':' + std::to_string(line);
  return text + ": " + message;
}

std::string to_text(const Condition& condition) {
  switch (condition.op) {
    case Operator::equals:
      return condition.argument + " == " + condition.values.front().text;
    case Operator::one_of:
      return condition.argument + " in " + set_of(condition.values);
    case Operator::masked:
      return condition.argument + " & " + condition.mask.text +
             " == " + condition.values.front().text;
    case Operator::within:
      break;
  }
  return condition.argument + " within " + condition.values.front().text;
}

std::string to_text(const Allow& allow) {
  std::string text = "allow";
  for (const std::string& name : allow.names) {
    text += text.size() == 5 ? " " : " or ";
    text += name;
  }
  if (allow.where_present) text += " where-present";
  std::string_view joint = " where ";
  for (const Condition& condition : allow.conditions) {
    text += joint;
    text += to_text(condition);
    joint = " and ";
  }
  return text;
}

std::string to_text(const Document& document) {
  std::string text = document.overlay ? "overlay " : "room ";
  text += document.name + " : " + document.reason + '\n';
  if (!document.inherits.empty()) {
    text += "inherit";
    for (const std::string& room : document.inherits) text += ' ' + room;
    text += " : " + document.inherit_reason + '\n';
  }
  for (const auto& [section, title] : kSections) {
    const std::string lines = in_section(document, section);
    if (lines.empty()) continue;
    text += '\n';
    text += title;
    text += ":\n";
    text += lines;
  }
  return text;
}

}  // namespace dotkeep::policyc
