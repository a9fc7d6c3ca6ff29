#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "common/domain/transaction_evidence.h"
#include "ops/ctl/history/history_finding.h"
#include "ops/ctl/history/marker_twins.h"
#include "ops/ctl/history/written_record.h"

namespace ctl {

/// The transactions that handled callbacks of ONE partition of `callbacks`: their results and
/// markers lie on the partition of the same number, their dead letters on any.
///
/// A transaction is judged by what is visible of what was written:
///
///   visible            the group's offset       finding
///   all                its own, a later one      none
///   all                an earlier one            torn: the offset is not there
///   some               an earlier one            aborted read: somebody has ended it here as committed
///   some               any other                 torn
///   none               its own                   torn: only the offset is there
///   none               any other                 none: it was aborted
///
/// An earlier offset proves something only while it is stable. Copies count for their originals. A
/// transaction whose records are all visible must have one marker for each result and letter, and
/// one result or letter for each marker; those of events, of unknown rows and of reconciled
/// processes have more.
///
/// Not judged: transactions begun before the horizon, of which some records may not have been read;
/// and those that had nowhere ended when the ends were looked up, of which others may follow.
///
/// Memory: about 150 bytes for each transaction, and 24 for each visible marker: 180 for a callback
/// that
///         is alone in its transaction, 40 for each of ten.
class TransactionLedger {
 public:
  struct Names {
    std::string results;
    std::string markers;
    std::string letters;
  };
  TransactionLedger(common::Partition partition, Names topics)
      : partition_(partition), topics_(std::move(topics)) {}

  void Add(const common::TransactionName& name, const WrittenRecord& record);
  /// The visible markers of the partition.
  [[nodiscard]] MarkerTwins& markers() { return markers_; }

  struct Terms {
    common::OffsetWitnessed committed{};  ///< The group's offset of this partition.
    common::WallTime horizon = common::WallTime::min();
    common::WallTime now{};
  };
  struct Sums {
    std::size_t transactions = 0;  ///< All: the sum of the next five.
    std::size_t visible = 0;
    std::size_t aborted = 0;
    std::size_t open = 0;      ///< Including hanging ones.
    std::size_t unjudged = 0;  ///< Begun before the horizon, or not ended anywhere.
    std::size_t faulty = 0;    ///< With a finding of their own, except hanging ones.

    Sums& operator+=(const Sums& others);
  };
  using Visit = std::function<void(const HistoryFinding&)>;
  /// Told of each judged transaction: whether something of it is visible.
  using Ended = std::function<void(const common::TransactionName&, bool is_visible)>;
  /// Findings come in no order.
  [[nodiscard]] Sums Judge(const Terms& terms, const Visit& visit, const Ended& ended);

 private:
  static constexpr std::size_t kKindCount = 3;
  struct Key {
    std::uint64_t number = 0;
    std::uint32_t instance = 0;  ///< Index in instances_.
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct HashOfKey {
    std::size_t operator()(const Key& key) const noexcept;
  };
  struct Count {
    std::uint32_t written = 0;  ///< Without copies.
    std::uint32_t visible = 0;
    std::uint32_t copies = 0;  ///< Visible ones.
    common::Partition partition{};
    common::Offset offset{};  ///< Of the first record, or of the last open one.
  };
  struct Tally {
    std::array<Count, kKindCount> counts{};
    std::uint32_t published = 0;  ///< Visible markers, by outcome.
    std::uint32_t dead = 0;
    std::uint32_t unknown = 0;
    std::uint32_t reconciled = 0;
    std::uint32_t reconciled_results = 0;
    std::uint32_t more_of_results = 0;
    std::uint32_t more_of_letters = 0;
    std::uint8_t open = 0;    ///< One bit for each kind.
    std::uint8_t placed = 0;  ///< The same: its count has the place of a record.
    bool is_settled = false;
  };
  static void CountVisible(const WrittenRecord& record, Tally& tally);
  [[nodiscard]] std::optional<HistoryFinding> JudgeVisibility(const common::TransactionName& name,
                                                              const Tally& tally,
                                                              const Terms& terms) const;
  [[nodiscard]] std::optional<HistoryFinding> JudgePairs(const common::TransactionName& name,
                                                         const Tally& tally) const;
  [[nodiscard]] HistoryFinding FindingAt(Anomaly anomaly, const common::TransactionName& name,
                                         const Tally& tally, Written kind, std::string what) const;
  [[nodiscard]] const std::string& TopicOf(Written kind) const;

  common::Partition partition_;
  Names topics_;
  std::map<std::string, std::uint32_t, std::less<>> index_of_;
  std::vector<std::string> instances_;
  std::unordered_map<Key, Tally, HashOfKey> tallies_;
  MarkerTwins markers_;
};

}  // namespace ctl
