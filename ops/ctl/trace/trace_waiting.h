#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/expected_settings.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "ops/ctl/instances/instance_facts.h"
#include "ops/ctl/trace/timeline.h"

namespace ctl {

/// A transaction that is open on a partition of a topic.
struct OpenOnTopic {
  std::string topic;
  common::Partition partition{};
  common::Offset offset{};                ///< Of its first record there.
  std::optional<common::WallTime> since;  ///< The broker's time of that record, if known.
  std::string instance;                   ///< Empty: unknown.
};

/// The partition in which a callback waits. A fact is absent if it is unknown.
struct WaitFacts {
  std::optional<common::Offset> committed{};  ///< None: the group has committed none.
  common::Offset begin{};                     ///< Of the log.
  /// A transaction with an offset of the partition did not end while the trace looked.
  bool is_offset_pending = false;
  std::vector<OpenOnTopic> open{};  ///< Did not end while the trace looked.
  bool is_group_known = false;
  std::optional<std::string> reader{};  ///< The member that the partition is assigned to.
  std::vector<InstanceFacts> instances{};
  std::optional<std::string> account{};  ///< That fetches it. None: there is only one.
};

/// Why a callback waits.
struct WaitingFor {
  enum class Why {
    kTransaction,  ///< A transaction stays open on a topic that its result needs.
    kNobodyReads,  ///< The partition is assigned to no member of the group.
    kRestore,      ///< An instance restores partitions.
    kBreaker,      ///< The circuit breaker is open.
    kRetryAfter,   ///< The API has asked for a pause.
    kHeld,         ///< A topic refuses what consumer would write.
    kLag,          ///< Callbacks before it are not disposed of.
    kFetching,     ///< It is the next one of its partition.
    kUnknown,
  };
  Why why = Why::kUnknown;
  common::WallTime since{};
  /// When the breaker is probed next, or the Retry-After ends. None: unknown, or no such reason.
  std::optional<common::WallTime> until{};
  std::string detail;  ///< A sentence.
};
[[nodiscard]] std::string_view ToText(WaitingFor::Why why);

/// The first reason that applies, in the order of the enumerators. `callback`: or the announcement
/// of one that has not come; why it has not, is its provider's to know. Pure.
[[nodiscard]] WaitingFor JudgeWaiting(const TraceEvent& callback, const WaitFacts& facts,
                                      common::WallTime now);

/// Whether consumer still waits for an announced process, as far as times can tell.
enum class Waits {
  kYes,
  kIfItCouldNotAsk,  ///< Beyond max_wait: only if the API could not be asked before.
  kNo,
};
/// Pure.
[[nodiscard]] Waits JudgeExpected(common::WallTime announced_at,
                                  const common::ExpectedSettings& expected, common::WallTime now);

}  // namespace ctl
