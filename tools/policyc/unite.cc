#include "policyc/unite.h"

#include <algorithm>

namespace dotkeep::policyc {
namespace {

void take(std::vector<Allow>& into, const Document& from, Section section) {
  for (Allow allow : from.allows) {
    if (allow.section != section) continue;
    allow.section = Section::run;
    allow.from = from.name + (section == Section::start ? ".start" : ".run");
    into.push_back(std::move(allow));
  }
}

}  // namespace

std::expected<Document, Problem> unite(const Document& document, const FindRoom& find_room) {
  if (document.inherits.empty()) return document;
  Document united = document;
  united.allows.clear();
  std::vector<Document> rooms;
  for (const std::string& name : document.inherits) {
    auto room = find_room(name);
    if (!room) return std::unexpected(Problem{0, "cannot inherit from '" + name + "'"});
    if (!room->inherits.empty() || room->overlay) {
      return std::unexpected(Problem{0, "'" + name + "' itself inherits or is an overlay"});
    }
    rooms.push_back(std::move(*room));
  }
  for (const Document& room : rooms) take(united.allows, room, Section::run);
  united.allows.insert(united.allows.end(), document.allows.begin(), document.allows.end());
  for (const Document& room : rooms) take(united.allows, room, Section::start);
  return united;
}

void overlay(Document& document, const Document& overlay) {
  for (const Allow& allow : overlay.allows) {
    Allow added = allow;
    added.section = Section::run;
    added.from = overlay.name;
    std::erase_if(document.answers, [&](const Answer& answer) {
      return std::ranges::find(added.names, answer.name) != added.names.end();
    });
    document.allows.push_back(std::move(added));
  }
}

}  // namespace dotkeep::policyc
