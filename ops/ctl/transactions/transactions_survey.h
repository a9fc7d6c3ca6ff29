#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "common/domain/transaction_evidence.h"
#include "ops/ctl/kafka/transaction_log.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

struct TopicPartition {
  std::string topic;
  common::Partition partition{};
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};
/// "processes:3"
[[nodiscard]] std::string ToText(const TopicPartition& place);
[[nodiscard]] std::optional<TopicPartition> ParseTopicPartition(std::string_view text);

/// The records of one transaction at or after the last stable offset.
struct UnendedTransaction {
  TopicPartition place;
  common::Offset offset{};  ///< Of its first record.
  common::Offset last{};    ///< Of its last record.
  int records = 0;
  std::optional<common::TransactionName> name;  ///< None: the records do not name it.
  common::WallTime since{};                     ///< Its start, or the time of its first record.
  std::set<common::Partition> sources;  ///< Partitions of `callbacks` whose callbacks it handled.
  /// It is at the last stable offset. Later transactions may have ended already, which cannot be
  /// seen until the first one ends.
  bool is_first = false;
  bool is_of_announcements = false;  ///< Of a program that announces processes, which ends it.
  common::Twins twins;
  common::TransactionOutcome verdict = common::TransactionOutcome::kUnknown;
};

/// The group's offset of a partition of `callbacks`, which an open transaction carries.
struct PendingOffset {
  /// Of the offset below it: a later one of the same partition shows that transactions end there.
  std::optional<common::OffsetMetadata> committed{};
  std::chrono::seconds age{0};  ///< How long it has been pending at least, seen from here.
  friend bool operator==(const PendingOffset&, const PendingOffset&) = default;
};
using PendingOffsets = std::map<common::Partition, PendingOffset>;

/// Returns `now` with the age of each offset that was already pending at an earlier look, which was
/// `elapsed` ago.
[[nodiscard]] PendingOffsets Aged(const PendingOffsets& earlier, PendingOffsets now,
                                  std::chrono::seconds elapsed);

struct TransactionsSurvey {
  std::vector<UnendedTransaction> open{};  ///< By place and offset.
  PendingOffsets pending_offsets{};
  std::string unknown{};  ///< A clause: what could not be looked up, and why; empty: nothing.
};

struct SurveyScope {
  std::set<TopicPartition> only = {};  ///< Empty: every partition.
  /// Of announcements as well. Nothing depends on them here, so the others are surveyed even if
  /// that topic cannot be looked up.
  bool has_announcements = false;
};
/// Errors: those of TransactionLog.
[[nodiscard]] common::Result<TransactionsSurvey> Survey(TransactionLog& log,
                                                        const common::TopicNames& topics,
                                                        const SurveyScope& scope);

}  // namespace ctl
