#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/kafka_client.h"
#include "tests/system/ingest/answer_table.h"

namespace ingest {

/// The result of sending every request variant for every sender.
struct TableResult {
  std::vector<std::string> mismatches{};    ///< One sentence each.
  std::map<int, std::uint64_t> statuses{};  ///< How often each status was seen, except 100.
  std::chrono::milliseconds slowest{0};     ///< From a request's first byte to its answer.
  /// By traceparent: the records that must be on the topic, one for each 200.
  struct Stored {
    std::string what;
    std::string body;
    std::string provider;  ///< Empty: not compared.
    std::size_t count = 0;
    bool is_void = false;  ///< From a repeated run: any number of records is right.
  };
  std::map<std::string, Stored> stored{};
  bool is_repeated = false;

  /// Makes this the repetition of `run`, whose results do not count.
  void Repeat(const TableResult& run);
};

/// Sends every request variant for every sender, many concurrently. `accepted`: the answer to a
/// valid callback. After an answer that keeps the connection open, the next request on it must be
/// understood. Cells are numbered from `first_cell`; a number must be unique on a topic.
[[nodiscard]] TableResult RunTable(std::uint16_t port, const std::vector<RequestVariant>& variants,
                                   const Expected& accepted, std::size_t first_cell = 0);

enum class Copies {
  kExact,    ///< One record for each 200, and no other.
  kAtLeast,  ///< Kafka may have stored callbacks after their deadline, or twice.
};

/// The differences between the topic and the expected records, one sentence each.
[[nodiscard]] std::vector<std::string> FindDifferences(const TableResult& result,
                                                       const std::vector<tests::Record>& records,
                                                       Copies copies);

}  // namespace ingest
