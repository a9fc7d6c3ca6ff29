#pragma once

#include <string>

#include "consumer/lane/group_membership.h"
#include "tests/simulation/cluster/protocol.h"

namespace simulation {

/// The library's own form: the instance's name.
[[nodiscard]] inline consumer::GroupMembership MembershipOf(const Member& member) {
  return {.generation = member.generation, .member_id = member.id, .serialized = member.instance};
}

/// As if no group.instance.id were sent by a member that knows nothing else of itself: brokers
/// accept that unfenced, and the guard in front of it (A2) has to hold alone.
[[nodiscard]] inline Member MemberOf(const consumer::GroupMembership& membership) {
  const bool says_nothing = membership.generation < 0 && membership.member_id.empty();
  return {.generation = membership.generation,
          .id = membership.member_id,
          .instance = says_nothing ? std::string() : membership.serialized};
}

}  // namespace simulation
