// The condition part of an allow line.
#pragma once

#include <string>

#include "policyc/document.h"
#include "policyc/tokens.h"

namespace dotkeep::policyc {

// Reads what follows `allow`, up to the reason. False: `error` says what is wrong.
[[nodiscard]] bool read_allow(Tokens& tokens, Allow& allow, std::string& error);

}  // namespace dotkeep::policyc
