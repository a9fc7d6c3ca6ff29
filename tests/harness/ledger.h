#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/kafka_client.h"

namespace tests {

/// A line of the simulator's ids file: a callback that was sent.
struct SentCallback {
  std::string provider;
  std::string dossier_id;
  std::string process_id;
  std::string status;
  bool is_acknowledged = false;  ///< Answered 200 at least once.
  int attempts = 0;

  /// "provider dossierId processId status"
  [[nodiscard]] std::string Name() const;
};

[[nodiscard]] std::vector<SentCallback> ReadIdsFile(const std::string& path);

/// The value of a record on processes.
struct ResultValue {
  std::string provider;
  std::string dossier_id;
  std::string process_id;
  std::string status;
  std::string received_at;
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::string fetched_at;

  [[nodiscard]] std::string Name() const;
};

/// None if it has not the form of the interface.
[[nodiscard]] std::optional<ResultValue> ReadResult(const std::string& value);

/// The names of the results; "unreadable result …" for those that are none.
[[nodiscard]] std::vector<std::string> NamesOf(const std::vector<Record>& results);

/// Empty if every acknowledged callback is disposed of exactly once, every other one at most once,
/// and nothing else is there. Otherwise what is missing, doubled or strange, by name.
[[nodiscard]] std::string Discrepancies(const std::vector<SentCallback>& sent,
                                        const std::vector<std::string>& disposed);

}  // namespace tests
