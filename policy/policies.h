// The policies that are compiled in; each is defined in a library policy_ROOM, made from
// policy/ROOM.policy.
#pragma once

#include "sandbox/policy.h"

namespace dotkeep::policy {

extern const sandbox::Policy kSupervisor;
extern const sandbox::Policy kFrontend;
extern const sandbox::Policy kUpstream;
extern const sandbox::Policy kConnector;
extern const sandbox::Policy kControl;
extern const sandbox::Policy kProbe;
extern const sandbox::Policy kHealth;

}  // namespace dotkeep::policy
