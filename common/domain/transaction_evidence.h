#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
};

enum class TransactionOutcome {
  kCommitted,
  kAborted,
  kUnknown,        ///< No evidence.
  kContradiction,  ///< Evidence for both.
};
[[nodiscard]] std::string_view ToText(TransactionOutcome verdict);

//   offset of the same transaction                      committed
//   offset of an earlier one, stable                    aborted     ; it would have been replaced
//   offset of a later one, none, unstable               no evidence
//   a twin is visible                                   committed
//   a twin has vanished                                 aborted
//
// "Earlier" also holds across instances: a partition has one owner after the other, and no instance
// commits an offset of a partition on which a transaction is open. A later transaction of another
// instance proves nothing: it can belong to a successor whose predecessor's commit came too late.

/// Decides how a transaction ended that is still open somewhere. Pure.
[[nodiscard]] TransactionOutcome JudgeTransaction(const TransactionName& open,
                                                  const std::vector<OffsetWitnessed>& offsets,
                                                  const Twins& twins);

}  // namespace common
