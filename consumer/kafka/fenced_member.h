#pragma once

#include <string>

#include "consumer/lane/source.h"

namespace consumer {

/// A fenced member's knowledge of its last join. The coordinator keeps a join in memory until the
/// group's leader has assigned the partitions, and only then writes the members to its log. If it
/// is killed or moved in between, it comes back with the members of the assignment before, and
/// fences the member that it has forgotten:
///
///   in memory    a ──► b joins as the same static member ── killed ─► a ─► b comes: "fenced"
///   in the log   a ───────────────── a ──────────────────────────────► a
///
/// So b alone has the name, if the id of b never had an assignment.
struct FencedMember {
  std::string id;              ///< With which the group has fenced it.
  std::string assigned_id;     ///< With which it had its last assignment. Empty without one.
  bool may_come_late = false;  ///< See JoinWatch.
};

/// Pure. A join of another instance is not excluded, but it is no longer the only explanation.
[[nodiscard]] inline FencingDoubt Judge(const FencedMember& member) {
  if (member.may_come_late) return FencingDoubt::kLateJoin;
  return member.id != member.assigned_id ? FencingDoubt::kForgottenJoin : FencingDoubt::kNone;
}

}  // namespace consumer
