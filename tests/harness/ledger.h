#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/kafka_client.h"

namespace tests {

/// A line of the simulator's ids file: a callback that was sent, or announced.
struct SentCallback {
  std::string provider{};
  std::string dossier_id{};
  std::string process_id{};
  std::string status{};
  bool is_acknowledged = false;  ///< Answered 200 at least once.
  bool is_unsent = false;        ///< Announced and never sent: its process must be reconciled.
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
  bool is_reconciled = false;  ///< It has no callback, hence no place.
  std::string fetched_at;

  [[nodiscard]] std::string Name() const;
};

/// nullopt if the value does not have the documented form.
[[nodiscard]] std::optional<ResultValue> ReadResult(const std::string& value);

/// The result's name, or "unreadable result …" if the record is not a result.
[[nodiscard]] std::string NameOf(const Record& result);
[[nodiscard]] std::vector<std::string> NamesOf(const std::vector<Record>& results);

/// The difference between sent callbacks and their disposals, by name.
struct Discrepancy {
  std::vector<std::string> missing;  ///< Acknowledged or announced, but not disposed of.
  std::vector<std::string> doubled;  ///< "NAME, 2 times"
  std::vector<std::string> strange;  ///< Never sent.
  std::int64_t surplus = 0;          ///< Surplus disposals: doubled and strange ones together.

  /// Lists missing, doubled and strange names, the first of each kind. Empty without a discrepancy.
  [[nodiscard]] std::string ToText() const;
};

/// A callback whose disposal is expected.
struct Expected {
  std::string name;
  bool is_required = true;  ///< If false, a disposal is allowed, not required.
};

/// Expects exactly one disposal of each required callback, at most one of each other, and nothing
/// else.
[[nodiscard]] Discrepancy Compare(const std::vector<Expected>& expected,
                                  const std::vector<std::string>& disposed);

/// The same for sent callbacks: those acknowledged, or announced and never sent, are
/// required.
[[nodiscard]] Discrepancy Compare(const std::vector<SentCallback>& sent,
                                  const std::vector<std::string>& disposed);

/// Compare() as a text.
[[nodiscard]] std::string Discrepancies(const std::vector<SentCallback>& sent,
                                        const std::vector<std::string>& disposed);

}  // namespace tests
