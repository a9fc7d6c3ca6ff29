#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/offset_metadata.h"
#include "common/domain/record_headers.h"

namespace consumer {

/// A transaction by what its records and offsets say; see transaction_numbers.h.
struct TransactionName {
  std::string instance;  ///< The transactional id.
  std::uint64_t number = 0;
  friend auto operator<=>(const TransactionName&, const TransactionName&) = default;
};

/// None if they do not say it: a record of an older release, or of another program.
template <typename Headers>
[[nodiscard]] std::optional<TransactionName> ReadTransactionName(const Headers& headers);

/// When it began. It cannot be open for longer than that.
[[nodiscard]] common::WallTime BegunAt(const TransactionName& name);

/// What the group has committed for a partition of `callbacks` of which the transaction carried an
/// offset: each transaction carries one for every partition that its records came from.
struct OffsetWitnessed {
  bool is_stable = false;  ///< No transaction that carries an offset of the partition is open.
  std::optional<common::OffsetMetadata> metadata = {};  ///< None: nothing was ever committed.
};

/// Records of the same transaction elsewhere, before the first one that is open there.
struct Twins {
  int visible = 0;   ///< Readers of committed records get them.
  int vanished = 0;  ///< They do not.
};

enum class Verdict {
  kCommitted,
  kAborted,
  kUnknown,        ///< Nothing tells.
  kContradiction,  ///< Some of it says the one, some the other.
};
[[nodiscard]] std::string_view ToText(Verdict verdict);

//   offset of the same transaction                      committed
//   offset of an earlier one, stable                    aborted     ; it would have been replaced
//   offset of a later one, none, unstable               nothing
//   a twin is visible                                   committed
//   a twin has vanished                                 aborted
//
// "Earlier" also among instances: a partition has one owner after the other, and nobody commits an
// offset of a partition on which something is open. A later one of another instance can be that of
// a successor whose predecessor's commit came too late, so it says nothing.

/// What became of a transaction that is open somewhere. Pure.
[[nodiscard]] Verdict Judge(const TransactionName& open,
                            const std::vector<OffsetWitnessed>& offsets, const Twins& twins);

}  // namespace consumer
