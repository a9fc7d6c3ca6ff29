#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace common {

/// What ingest does with a callback of a provider while Kafka cannot take it.
enum class OnUnavailable {
  kRefuse,  ///< Answer the transient status: the provider sends it again.
  kSpool,   ///< Keep it on disk: the provider will not.
};

/// One provider: what its own rules make of our answers, and for how long it repeats itself.
/// Source of the built-in rows: Signicat, "Callbacks", retry mechanism of each provider.
struct ProviderRow {
  std::string name{};
  std::vector<std::string> aliases{};
  int transient_status = 503;
  OnUnavailable on_unavailable = OnUnavailable::kRefuse;
  std::chrono::seconds dedup_window{};
  /// Attempts after the first one, measured from it. Empty: none, or not documented.
  std::vector<std::chrono::seconds> retry_schedule{};
  bool penalises_statuses = false;  ///< As ReadID does, see IsPenal().
};

/// True for a status by which a sender that penalises statuses loses a callback for good (400) or
/// holds all its callbacks for an hour (≥ 500, 404, 405, 406, 410, 414, 415). Source: Signicat,
/// "Callbacks", ReadID.
[[nodiscard]] bool IsPenal(int status);

/// Several attempts `every` apart; `attempts` counts the first one.
[[nodiscard]] std::vector<std::chrono::seconds> RegularSchedule(std::chrono::seconds every,
                                                                int attempts);

inline constexpr std::string_view kUnknownProvider = "unknown";

/// The rows in force. Row 0 is always `unknown`.
///
/// Threads: immutable after construction.
class ProviderTable {
 public:
  using Index = std::uint32_t;
  static constexpr Index kUnknown = 0;

  /// The built-in rows.
  ProviderTable();

  /// Precondition: FindMistakes(rows) is empty. `unknown` is moved to the front, or added.
  explicit ProviderTable(std::vector<ProviderRow> rows);

  /// By name or alias in any case; anything else is `unknown`.
  [[nodiscard]] Index Resolve(std::string_view name) const;
  [[nodiscard]] const ProviderRow& operator[](Index index) const { return rows_[index]; }
  [[nodiscard]] const std::vector<ProviderRow>& rows() const { return rows_; }
  /// How far back markers must be known: the largest window, and at least two days for the copies
  /// that a spool makes of one delivery.
  [[nodiscard]] std::chrono::seconds DedupReach() const;

 private:
  std::vector<ProviderRow> rows_;
  std::unordered_map<std::string, Index> by_name_;
};

/// What is wrong with a set of rows, each in a sentence that starts with the row's name: a name or
/// alias used twice or not fit for a route, a dedup window shorter than the row's schedule, a
/// transient status outside 400-599 or one that the row's provider answers with a penalty.
[[nodiscard]] std::vector<std::string> FindMistakes(const std::vector<ProviderRow>& rows);

}  // namespace common
