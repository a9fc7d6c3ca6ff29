#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/copied_record.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "common/kafka/partition_reader.h"

namespace ctl {

/// The records of one topic that belong to another partition once there are more, and which of them
/// were copied there already. Records are noted first, in any order; then the others are answered.
///
///   place := hash of the key mod partitions
///   in the way: those in the place of the smaller number that is not their place of the larger one
///
/// Memory: one bit for each offset of the extents.
class Moves {
 public:
  /// `extents`: where the records of the smaller number lie.
  Moves(int from, int to, const common::kafka::Extents& extents);

  struct Noted {
    common::Partition partition{};
    common::Offset offset{};
    common::WallTime time{};
    std::optional<std::uint32_t> hash = {};  ///< Of the key; none: unknown.
    std::optional<common::CopyOrigin> copy_of = {};
  };
  void Note(const Noted& record);

  /// The partition to which a noted record is still to be copied. None: it stays, it was copied, or
  /// nobody knows.
  [[nodiscard]] std::optional<common::Partition> TargetOf(common::Partition partition,
                                                          common::Offset offset,
                                                          std::optional<std::uint32_t> hash) const;

  [[nodiscard]] std::int64_t all() const { return all_; }  ///< Without copies.
  [[nodiscard]] std::int64_t to_copy() const { return moving_ - copied_; }
  [[nodiscard]] std::int64_t unknown() const { return unknown_; }  ///< Records without a hash.
  [[nodiscard]] common::WallTime newest_unknown() const { return newest_unknown_; }

 private:
  [[nodiscard]] std::optional<common::Partition> PlaceOf(common::Partition partition,
                                                         std::optional<std::uint32_t> hash) const;

  struct Log {
    common::Offset from{};
    std::vector<bool> is_copied;  ///< By offset - `from`.
  };
  int from_;
  int to_;
  std::map<common::Partition, Log> logs_;
  std::int64_t all_ = 0;
  std::int64_t moving_ = 0;
  std::int64_t copied_ = 0;
  std::int64_t unknown_ = 0;
  common::WallTime newest_unknown_{};
};

}  // namespace ctl
