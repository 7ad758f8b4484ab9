// What a command has to say when it does not end as asked.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "supervisor/standard_streams.h"

namespace dotkeep::supervisor {

// One line on standard error, behind the program's name. That nobody can read it, on a full disk
// for one, changes nothing about how the command ends: no exception leaves here for that.
template <typename... Values>
void complain(fmt::format_string<Values...> form, Values&&... values) {
  put_on_standard_error(
      fmt::format("dotkeep: {}\n", fmt::format(form, std::forward<Values>(values)...)));
}

}  // namespace dotkeep::supervisor
