#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/domain/event_rules.h"

namespace common {

/// What ingest does with a provider's callback while Kafka is unavailable.
enum class OnUnavailable {
  kRefuse,  ///< Answer the transient status: the provider will retry.
  kSpool,   ///< Keep it on disk: the provider will not retry.
};

/// One provider: how it reacts to our answers, and for how long it redelivers.
/// Source of the built-in rows: Signicat, "Callbacks", retry mechanism of each provider.
struct ProviderRow {
  std::string name{};
  std::vector<std::string> aliases{};
  int transient_status = 503;
  OnUnavailable on_unavailable = OnUnavailable::kRefuse;
  std::chrono::seconds dedup_window{};
  /// Times of the attempts after the first, measured from the first. Empty: none or undocumented.
  std::vector<std::chrono::seconds> retry_schedule{};
  bool penalises_statuses = false;     ///< As ReadID does, see IsPenal().
  std::optional<EventRules> events{};  ///< Set in a row of `kind: events`.
};

/// True if a provider that penalises statuses drops the callback for good on this status (400) or
/// holds back all its callbacks for an hour (≥ 500, 404, 405, 406, 410, 414, 415).
/// Source: Signicat, "Callbacks", ReadID.
[[nodiscard]] bool IsPenal(int status);

/// A schedule of attempts `every` apart. `attempts` includes the first, the result does not.
[[nodiscard]] std::vector<std::chrono::seconds> RegularSchedule(std::chrono::seconds every,
                                                                int attempts);

inline constexpr std::string_view kUnknownProvider = "unknown";

/// The configured or built-in providers. Row 0 is always `unknown`.
///
/// Threads: immutable after construction.
class ProviderTable {
 public:
  using Index = std::uint32_t;
  static constexpr Index kUnknown = 0;

  /// The built-in rows.
  ProviderTable();

  /// Precondition: FindMistakes(rows) is empty. Moves `unknown` to the front, or adds it. Rows that
  /// report the same facts (`same_as`) get the longest of their windows: the second report may come
  /// on either road.
  explicit ProviderTable(std::vector<ProviderRow> rows);

  /// By name or alias, ignoring case. Any other name resolves to `unknown`.
  [[nodiscard]] Index Resolve(std::string_view name) const;
  [[nodiscard]] const ProviderRow& operator[](Index index) const { return rows_[index]; }
  [[nodiscard]] const std::vector<ProviderRow>& rows() const { return rows_; }
  /// How far back the consumer must know markers: the largest window, but at least two days, since
  /// a spool may store copies of one delivery.
  [[nodiscard]] std::chrono::seconds DedupReach() const;

 private:
  void JoinWindows();

  std::vector<ProviderRow> rows_;
  std::unordered_map<std::string, Index> by_name_;
};

/// The provider's name in the identities of its facts: that of the row which its row is `same_as`.
[[nodiscard]] const std::string& NameOfFacts(const ProviderRow& row);
/// The same for a provider as a record names it.
[[nodiscard]] std::string_view NameOfFacts(const ProviderTable& table, std::string_view provider);

/// The mistakes in a set of rows, one sentence each, which starts with the row's name: a name or
/// alias used twice or invalid in a route, a dedup window shorter than the row's schedule, a
/// transient status outside 400-599 or one that the provider penalises.
[[nodiscard]] std::vector<std::string> FindMistakes(const std::vector<ProviderRow>& rows);

/// Why a row of events cannot have this `same_as`, or nullopt. `events` is one of `rows`.
[[nodiscard]] std::optional<std::string> FindMistakeOfSameAs(const ProviderRow& events,
                                                             const std::vector<ProviderRow>& rows);

}  // namespace common
