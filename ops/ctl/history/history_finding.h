#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "common/domain/transaction_evidence.h"

namespace ctl {

/// How records and offsets on a cluster contradict each other.
enum class Anomaly : std::uint8_t {
  kAbortedRead,      ///< Records of a transaction that was aborted are visible.
  kTornTransaction,  ///< Of one transaction, some records or offsets are visible, others are not.
  kHangingTransaction,   ///< A transaction is open for longer than any may be.
  kDuplicate,            ///< A marker is there twice, or a copy beside its original.
  kMarkerWithoutRecord,  ///< A transaction has a marker, and no result or dead letter for it.
  kRecordWithoutMarker,  ///< A transaction has a result or dead letter, and no marker for it.
  kForeignDocument,      ///< A result names another process or dossier than its key or callback.
  kWrongPartition,       ///< A record lies where its key does not belong.
  kInconsistentOffset,   ///< The group's offset does not fit the log.
};
inline constexpr std::array kAnomalies = {
    Anomaly::kAbortedRead,     Anomaly::kTornTransaction,     Anomaly::kHangingTransaction,
    Anomaly::kDuplicate,       Anomaly::kMarkerWithoutRecord, Anomaly::kRecordWithoutMarker,
    Anomaly::kForeignDocument, Anomaly::kWrongPartition,      Anomaly::kInconsistentOffset};

/// "torn-transaction"
[[nodiscard]] std::string_view ToText(Anomaly anomaly);

/// "Visible" always means: to readers of committed records.
struct HistoryFinding {
  Anomaly anomaly = Anomaly::kTornTransaction;
  std::string topic{};
  common::Partition partition{};
  /// Of a record that shows it, or the group's. None: no such record was counted.
  std::optional<common::Offset> offset = {};
  std::optional<common::TransactionName> transaction{};
  std::string what{};  ///< A clause.
};

}  // namespace ctl
