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

/// What came of asking in every way for every sender.
struct TableResult {
  std::vector<std::string> mismatches{};    ///< Each in a sentence.
  std::map<int, std::uint64_t> statuses{};  ///< How often each was seen, 100 left out.
  std::chrono::milliseconds slowest{0};     ///< From a request's first byte to its answer.
  /// By traceparent: what must be on the topic, once for each 200.
  struct Stored {
    std::string what;
    std::string body;
    std::string provider;  ///< Empty: not looked at.
    std::size_t count = 0;
    bool is_void = false;  ///< Of a run that was repeated: whatever is there is right.
  };
  std::map<std::string, Stored> stored{};
  bool is_repeated = false;

  /// Makes this the repetition of `run`, which says nothing.
  void Repeat(const TableResult& run);
};

/// Asks in every way for every sender, many at the same time. `accepted`: what a valid callback is
/// answered. After an answer that keeps the connection, the next request on it must be understood.
/// Cells are numbered from `first_cell`; a number must not be used twice on one topic.
[[nodiscard]] TableResult RunTable(std::uint16_t port, const std::vector<Way>& ways,
                                   const Expected& accepted, std::size_t first_cell = 0);

enum class Copies {
  kExact,    ///< One record for each 200, and no other.
  kAtLeast,  ///< Kafka may have taken what it was too late for, or twice.
};

/// How the topic differs from what must be there, each difference in a sentence.
[[nodiscard]] std::vector<std::string> FindDifferences(const TableResult& result,
                                                       const std::vector<tests::Record>& records,
                                                       Copies copies);

}  // namespace ingest
