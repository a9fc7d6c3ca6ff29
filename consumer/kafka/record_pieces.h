#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "common/domain/offset_metadata.h"
#include "common/kafka/partition_offsets.h"
#include "consumer/lane/records.h"

namespace consumer {

/// The record at each offset, looked up for some partitions at a time. A look-up has a deadline,
/// whatever it is asked for, so the last ones of a thousand partitions would never come in time.
/// Ends with the piece of which nothing came: the brokers do not answer.
///
/// `look_up` returns the records found, and adds partitions without one to `without`.
class RecordPieces {
 public:
  using Offsets = common::kafka::PartitionOffsets;
  using Records = std::map<Partition, common::OffsetWitness>;
  using LookUp = std::function<Records(const Offsets&, std::set<Partition>& without)>;
  static constexpr std::size_t kPiece = 200;

  [[nodiscard]] static Records Read(Offsets left, std::set<Partition>& without,
                                    const LookUp& look_up) {
    Records records;
    while (!left.empty()) {
      Offsets piece;
      while (!left.empty() && piece.size() < kPiece) piece.insert(left.extract(left.begin()));
      const std::size_t known = records.size() + without.size();
      records.merge(look_up(piece, without));
      if (records.size() + without.size() == known) break;
    }
    return records;
  }
};

}  // namespace consumer
