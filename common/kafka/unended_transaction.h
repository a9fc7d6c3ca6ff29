#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "common/domain/record_headers.h"
#include "common/kafka/client_config.h"

namespace common::kafka {

/// The records of one transaction on one partition where Kafka never wrote its end marker.
struct UnendedTransaction {
  struct Record {
    Offset offset{};
    WallTime time{};
    std::string key;
    std::string value;
    RecordHeaders headers;
  };

  std::string owner;  ///< The transactional id.
  std::string topic;
  Partition partition{};
  std::vector<Record> records;  ///< All, in order, without copies.
};

/// The transactional id and the group of the producer that copies the owner's open records.
[[nodiscard]] std::string RepairName(const std::string& owner);

// Aborting a new transaction of the owner on the partition also ends its open records there, as
// aborted. EndAsCommitted() therefore first appends copies, by another producer: readers see the
// copies only once the open records before them have ended, and so see each record once. The
// copies' transaction also commits an offset in a group of its own; after a crash, that offset
// shows that the copies exist.
//
// Both functions first fence the owner's producer, wherever it runs. The coordinator then ends
// every transaction that was only late, and such records need no copies.
//
// Threads: any; both block for at most 40 s.
// Errors:  kStop with librdkafka's message. No record is then lost or visible twice: repeat the
//          call.

[[nodiscard]] Result<void> EndAsAborted(const Properties& operators,
                                        const UnendedTransaction& transaction);
/// The copies carry the header `repaired`.
[[nodiscard]] Result<void> EndAsCommitted(const Properties& operators,
                                          const UnendedTransaction& transaction);

}  // namespace common::kafka
