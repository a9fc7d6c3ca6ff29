#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/partition.h"
#include "ops/ctl/history/history_finding.h"
#include "ops/ctl/history/history_scope.h"
#include "ops/ctl/history/key_placement.h"
#include "ops/ctl/history/transaction_ledger.h"
#include "ops/ctl/history/undone_transactions.h"
#include "ops/ctl/history/visible_offsets.h"
#include "ops/ctl/history/written_record.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/progress.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// Counts the records that a survey has read.
struct HistorySums {
  TransactionLedger::Sums transactions{};  ///< One for each partition of `callbacks` it handled.
  std::size_t undone = 0;                  ///< See UndoneTransactions.
  std::int64_t nameless = 0;  ///< Visible results, markers and letters that name no transaction.
  bool are_offsets_stable = true;
};

/// Reads the topics as read_committed and as read_uncommitted, and compares what was written with
/// what is visible. Clients see no control records: a transaction's end is known by whether its
/// records are visible, so that of one without records is not.
///
/// Memory:  TransactionLedger's for a million offsets at a time, or for one partition that has more; a
///          bit for each of these offsets; UndoneTransactions's; 150 bytes for each dead letter.
/// Threads: confined to one.
/// Errors:  those of FindHistoryScope().
class HistorySurvey {
 public:
  using Visit = std::function<void(const HistoryFinding&)>;

  /// Judges transactions begun at `from` or later, and records written since.
  HistorySurvey(const ClusterSettings& settings, common::WallTime from, Output& output,
                std::stop_token stop, Visit visit);
  HistorySurvey(const HistorySurvey&) = delete;
  HistorySurvey& operator=(const HistorySurvey&) = delete;

  /// Call once.
  [[nodiscard]] common::Result<HistorySums> Run();

 private:
  using Partitions = std::vector<common::Partition>;
  using Ledgers = std::map<common::Partition, TransactionLedger>;
  struct Named {
    common::TransactionName name;
    WrittenRecord record;
  };

  common::Result<void> CheckAll();
  common::Result<void> CheckPlaces(HistoryLog& log);
  common::Result<void> ReadLetters();
  common::Result<void> CheckTransactions(const Partitions& partitions);
  common::Result<void> ReadWritten(HistoryLog& log, Written kind, Ledgers& ledgers);
  void CheckVisible(const HistoryLog& log, Written kind, const ScannedRecord& record,
                    TransactionLedger& ledger);
  void CheckPlace(const HistoryLog& log, const ScannedRecord& record,
                  std::optional<std::uint32_t> hash);
  common::Result<void> Read(HistoryLog& log, const Extents& extents, bool is_committed,
                            const std::function<void(const ScannedRecord&)>& visit);
  [[nodiscard]] std::optional<Named> ReadNamed(const HistoryLog& log, Written kind,
                                               const ScannedRecord& record,
                                               const common::RecordHeaders& headers,
                                               const VisibleOffsets& visible);
  [[nodiscard]] common::WallTime HorizonOf(common::Partition partition) const;
  void Find(Anomaly anomaly, const HistoryLog& log, const ScannedRecord& record,
            std::string what) const;

  ClusterSettings settings_;
  common::WallTime from_;
  Progress progress_;
  std::stop_token stop_;
  Visit visit_;
  HistoryScope scope_;
  /// By topic and partition: the begin of the first transaction that was read.
  std::map<const HistoryLog*, std::map<common::Partition, common::WallTime>> first_;
  std::map<common::Partition, std::vector<Named>> letters_;  ///< By partition of `callbacks`.
  std::map<const HistoryLog*, KeyPlacement> places_;
  UndoneTransactions undone_;
  std::int64_t done_ = 0;
  std::int64_t total_ = 0;
  HistorySums sums_;
};

}  // namespace ctl
