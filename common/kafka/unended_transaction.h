#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/record_headers.h"
#include "common/kafka/client_config.h"

namespace common::kafka {

/// Records of one transaction on one partition that Kafka forgot to end there.
struct UnendedTransaction {
  struct Record {
    std::int64_t offset = 0;
    WallTime time{};
    std::string key;
    std::string value;
    RecordHeaders headers;
  };

  std::string owner;  ///< The transactional id.
  std::string topic;
  std::int32_t partition = 0;
  std::vector<Record> records;  ///< All of them, in their order; copies left out.
};

/// The transactional id, and the group, of who copies what the owner has left open.
[[nodiscard]] std::string RepairName(const std::string& owner);

// A transaction of the owner's that touches the partition ends, when it is aborted, everything of
// the owner's there, as aborted. What was committed is copied behind it first, by another producer:
// nobody sees the copies before the end of what stands before them, and then they stand for it.
// After a crash between the two, an offset that the copies' transaction has committed in a group of
// its own tells that they are there.
//
// Both fence the owner's producer, wherever it runs, before anything else: whatever the coordinator
// still has to end of the owner's is ended by then, and what was only late needs no copies.
//
// Threads: any; they block, 40 s at most.
// Errors:  kStop, in librdkafka's words. Nothing is visible twice or lost then; the same call
// again.

[[nodiscard]] Result<void> EndAsAborted(const Properties& operators,
                                        const UnendedTransaction& transaction);
/// The copies have the header `repaired`.
[[nodiscard]] Result<void> EndAsCommitted(const Properties& operators,
                                          const UnendedTransaction& transaction);

}  // namespace common::kafka
