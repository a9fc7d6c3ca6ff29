#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "common/base/rfc3339.h"
#include "consumer/lane/records.h"
#include "consumer/state/dedup_table.h"

namespace consumer {

/// A committed record of `callbacks.seen`.
struct SeenRecord {
  Offset offset{};
  std::optional<common::WallTime> time;
  std::string key;
  friend bool operator==(const SeenRecord&, const SeenRecord&) = default;
};

/// The part of the log that a table of markers was read from.
struct MarkersOrigin {
  Offset from{};             ///< Where reading began,
  common::WallTime floor{};  ///< for markers from this time on.
  int partitions = 0;        ///< Of `callbacks` then.
  SeenRecord last;           ///< Every committed marker between `from` and this one was read.
};

/// The markers of a partition, as far as an attempt to restore it has come.
struct MarkersRead {
  MarkersOrigin origin;
  DedupTable table;
  std::optional<common::WallTime> published_until;
};

/// Keeps what attempts have read that did not come to their end, or whose result nobody took: a
/// group that rebalances faster than it restores would otherwise begin anew each time, for ever.
///
/// Its tables stay right whoever owned the partition meanwhile. A read_committed reader gets a
/// record only once all transactions before it are decided, and a decided one never changes. So a
/// later attempt reads on from the last record, if its log still has that record, and if it wants
/// no markers from before.
///
/// Threads: confined to one. Time: an argument.
class KeptMarkers {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Of two attempts at a partition, the one that has come further stays.
  void Keep(Partition partition, MarkersRead read, TimePoint now);

  struct Wanted {
    Offset from{};
    common::WallTime floor{};
    int partitions = 0;
  };
  /// Returns the table from which an attempt can read on, if there is one. Forgets the partition in
  /// either case.
  [[nodiscard]] std::optional<MarkersRead> Take(Partition partition, const Wanted& wanted);

  void Drop(const std::set<Partition>& partitions);
  /// The tables may be large, and their partitions may not come back.
  void DropOld(TimePoint now);

 private:
  struct Kept {
    MarkersRead read;
    TimePoint since{};
  };
  std::map<Partition, Kept> kept_;
};

}  // namespace consumer
