#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/domain/offset.h"
#include "common/domain/offset_metadata.h"
#include "common/domain/record_headers.h"

namespace common {

/// A transaction as named in its records and offsets; see transaction_numbers.h.
struct TransactionName {
  std::string instance;  ///< The transactional id.
  std::uint64_t number = 0;
  friend auto operator<=>(const TransactionName&, const TransactionName&) = default;
};

/// None if they do not name it: a record of an older release or of another program.
template <typename Headers>
[[nodiscard]] std::optional<TransactionName> ReadTransactionName(const Headers& headers);

/// When it began: an upper bound on how long it has been open.
[[nodiscard]] WallTime BegunAt(const TransactionName& name);

/// The group's committed offset for a partition of `callbacks` whose offset the transaction
/// carried. Each transaction carries one for every source partition of its records.
struct OffsetWitnessed {
  bool is_stable = false;  ///< No open transaction carries an offset of the partition.
  std::optional<OffsetMetadata> metadata = {};  ///< None: nothing was ever committed.
};

/// Records of the same transaction on other partitions, before the first open one there.
struct Twins {
  int visible = 0;   ///< Readers of committed records see them.
  int vanished = 0;  ///< Such readers do not.

  /// Adds those of one more partition.
  Twins& operator+=(const Twins& others) {
    visible += others.visible;
    vanished += others.vanished;
    return *this;
  }
};

/// Counts the twins on one partition: hand it every record there, then every record that readers of
/// committed records get.
///
/// The records of a transaction end together on a partition. If some of them are visible beside
/// others that have vanished, somebody has already ended the transaction there as committed: by
/// copies (header `repaired`), with the originals aborted. The copies then count for the originals.
/// Copies that have vanished are those of a repair that did not come to its end: they prove
/// nothing.
class TwinTally {
 public:
  explicit TwinTally(std::set<TransactionName> names) : names_(std::move(names)) {}

  template <typename Headers>
  void AddWritten(Offset offset, const Headers& headers);
  void AddVisible(Offset offset);

  /// No record of these transactions is there, so the visible ones need not be read.
  [[nodiscard]] bool IsEmpty() const { return written_.empty(); }
  [[nodiscard]] Twins Of(const TransactionName& name) const;

 private:
  struct Written {
    TransactionName name;
    bool is_copy = false;
    bool is_visible = false;
  };

  std::set<TransactionName> names_;
  std::map<Offset, Written> written_;  ///< By offset.
};

enum class TransactionOutcome {
  kCommitted,
  kAborted,
  kUnknown,        ///< No evidence.
  kContradiction,  ///< Evidence for both.
};
[[nodiscard]] std::string_view ToText(TransactionOutcome verdict);

//   a twin is visible                                   committed
//   a twin has vanished                                 aborted
//   offset of the same transaction                      committed
//   offset of an earlier one, stable                    aborted     ; it would have been replaced
//   … although a twin is visible                        no evidence
//   offset of a later one, none, unstable               no evidence
//
// A visible twin outweighs an earlier offset: Kafka may have forgotten the offset as well, and then
// the next producer of that name has ended it as aborted (ADR 0015). Nothing but the transaction's
// own end makes a record visible, because nobody writes to a partition where something is open.
//
// "Earlier" also holds across instances: a partition has one owner after the other, and no instance
// commits an offset of a partition on which a transaction is open. A later transaction of another
// instance proves nothing: it can belong to a successor whose predecessor's commit came too late.

/// Decides how a transaction ended that is still open somewhere. Pure.
[[nodiscard]] TransactionOutcome JudgeTransaction(const TransactionName& open,
                                                  const std::vector<OffsetWitnessed>& offsets,
                                                  const Twins& twins);

}  // namespace common
