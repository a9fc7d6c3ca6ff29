#pragma once

#include <cstdint>
#include <optional>

#include "common/domain/marker.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "common/domain/provider_rules.h"
#include "common/domain/record_headers.h"
#include "ops/ctl/history/history_scope.h"
#include "ops/ctl/kafka/topic_scan.h"

namespace ctl {

/// The kinds of records that a transaction of consumer writes.
enum class Written : std::uint8_t { kResult, kMarker, kLetter };

/// A record that names its transaction.
struct WrittenRecord {
  Written kind = Written::kResult;
  common::Partition partition{};  ///< Of its topic; only a letter's differs from its callback's.
  common::Offset offset{};
  bool is_visible = false;
  bool is_open = false;     ///< Its transaction has not ended on this partition.
  bool is_settled = false;  ///< Its transaction had ended here before the ends were looked up.
  bool is_copy = false;     ///< Stands for an original that was aborted (header `repaired`).
  bool is_reconciled = false;
  std::optional<common::MarkerOutcome> outcome{};  ///< Of a marker. None: unknown.
  int more_markers = 0;  ///< Of a result or letter: how many it may have beside its first.
};

/// All but `is_visible`. `headers`: the record's.
[[nodiscard]] WrittenRecord DescribeWritten(Written kind, const HistoryLog& log,
                                            const ScannedRecord& record,
                                            const common::RecordHeaders& headers,
                                            const common::ProviderTable& providers);

}  // namespace ctl
