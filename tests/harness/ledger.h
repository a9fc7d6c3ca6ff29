#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/kafka_client.h"

namespace tests {

/// A line of the simulator's ids file: a callback that was sent.
struct SentCallback {
  std::string provider{};
  std::string dossier_id{};
  std::string process_id{};
  std::string status{};
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

/// The name of a result; "unreadable result …" of a record that is none.
[[nodiscard]] std::string NameOf(const Record& result);
[[nodiscard]] std::vector<std::string> NamesOf(const std::vector<Record>& results);

/// What differs between the callbacks that were sent and those that were disposed of, by name.
struct Discrepancy {
  std::vector<std::string> missing;  ///< Acknowledged, and not disposed of.
  std::vector<std::string> doubled;  ///< "NAME, 2 times"
  std::vector<std::string> strange;  ///< Never sent.
  std::int64_t surplus = 0;          ///< Disposals too many, doubled and strange ones together.

  /// What is missing, doubled or strange; of many the first ones. Empty: nothing is.
  [[nodiscard]] std::string ToText() const;
};

/// What should have been disposed of.
struct Expected {
  std::string name;
  bool is_required = true;  ///< Otherwise it need not have been.
};

/// Everything that is required should be disposed of exactly once, the rest at most once, and nothing
/// else should be there.
[[nodiscard]] Discrepancy Compare(const std::vector<Expected>& expected,
                                  const std::vector<std::string>& disposed);

/// The same: every acknowledged callback should be disposed of exactly once, every other one at most once, and
/// nothing else should be there.
[[nodiscard]] Discrepancy Compare(const std::vector<SentCallback>& sent,
                                  const std::vector<std::string>& disposed);

/// Compare() as a text.
[[nodiscard]] std::string Discrepancies(const std::vector<SentCallback>& sent,
                                        const std::vector<std::string>& disposed);

}  // namespace tests
