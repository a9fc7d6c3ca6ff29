#pragma once

#include <vector>

#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// `topics raise`: more partitions without a callback handled twice. The partition of a key depends
/// on their number, and the lane of a partition knows only the markers there. So each marker that a
/// redelivery may still need is copied to its key's new partition, while nobody reads:
///
///   refuse unless the group is empty, all is handled, and nothing comes for ten seconds
///   callbacks.seen and processes get their partitions
///   markers are copied                          ; header "copied-from"
///   refuse if anything has changed meanwhile    ; consumer can still go on with the old number
///   callbacks gets its partitions               ; from now on ingest writes to them
///   callbacks.expected, too; announcements are copied
///   the group's offsets are committed for the new number
///
/// From the fourth step to the last, consumer refuses to read: it compares the numbers. So the
/// command may end at any point and be repeated, and does the rest.
[[nodiscard]] std::vector<Command> RaiseCommands();

}  // namespace ctl
