#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/domain/provider_rules.h"
#include "ingest/spool/spool_bounds.h"

namespace ingest {

/// The counted content of a part of a database.
struct SpoolHoldings {
  struct Amount {
    std::size_t records = 0;
    std::size_t bytes = 0;

    void Add(std::size_t size) {
      ++records;
      bytes += size;
    }
  };
  std::unordered_map<std::string, Amount> by_provider{};  ///< Waiting for Kafka, by stored name.
  Amount done{};                                          ///< Not waiting, only not removed yet.
};

/// Counts waiting callbacks: their size, for the bounds, and their providers, for the order. All
/// names of the row `unknown` are one provider here: an address with an id in it would otherwise
/// give each callback its own.
///
///   Queued --commit failed--> Dropped
///      |
///      +--committed, replayed--> Acknowledged --row deleted--> Removed
///
/// An acknowledged callback delays nothing any more, but its bytes are on disk until it is removed.
/// While the disk is being counted, it may hold callbacks of any provider, so all providers count
/// as held.
///
/// Threads:  confined, or behind the owner's lock.
/// Lifetime: refers to the table.
class SpoolLedger {
 public:
  using Row = common::ProviderTable::Index;

  explicit SpoolLedger(const common::ProviderTable& providers)
      : providers_(providers), waiting_(providers.rows().size()) {}

  void Queued(std::string_view provider, std::size_t size) { Queued(RowOf(provider), size); }
  /// Cannot fail.
  void Queued(Row row, std::size_t size) {
    ++waiting_[row];
    ++all_waiting_;
    ++fill_.records;
    fill_.bytes += size;
    if (fill_.free_disk) {
      const std::size_t needed = kWritesPerCallback * size;
      *fill_.free_disk -= needed < *fill_.free_disk ? needed : *fill_.free_disk;
    }
  }
  void Dropped(std::string_view provider, std::size_t size) {
    Acknowledged(provider);
    Removed({.records = 1, .bytes = size});
  }
  void Acknowledged(std::string_view provider) {
    std::size_t& waiting = waiting_[RowOf(provider)];
    if (waiting == 0) return;
    --waiting;
    --all_waiting_;
  }
  void Removed(const SpoolHoldings::Amount& removed) {
    fill_.records -= removed.records;
    fill_.bytes -= removed.bytes;
  }

  void FreeDiskIs(std::optional<std::uint64_t> bytes) { fill_.free_disk = bytes; }

  /// Forgets the counts of the disk, which holds about `bytes` bytes that must be counted. Queued
  /// callbacks must be added again.
  void Recount(std::size_t bytes) {
    waiting_.assign(waiting_.size(), 0);
    all_waiting_ = 0;
    fill_.records = 0;
    fill_.bytes = 0;
    fill_.uncounted_bytes = bytes;
    fill_.is_counted = false;
  }
  /// Adds a further counted part, possibly the last one, or a row found after that.
  void Counted(const SpoolHoldings& holdings, bool is_all) {
    for (const auto& [provider, of_it] : holdings.by_provider) {
      waiting_[RowOf(provider)] += of_it.records;
      all_waiting_ += of_it.records;
      Counted(of_it);
    }
    Counted(holdings.done);
    if (!is_all) return;
    fill_.uncounted_bytes = 0;
    fill_.is_counted = true;
  }

  [[nodiscard]] bool Holds(std::string_view provider) const { return Holds(RowOf(provider)); }
  [[nodiscard]] bool Holds(Row row) const { return !fill_.is_counted || waiting_[row] > 0; }
  /// True if no callback waits for Kafka, though acknowledged ones may still have to be removed.
  [[nodiscard]] bool HoldsNothing() const { return fill_.is_counted && all_waiting_ == 0; }
  [[nodiscard]] const SpoolFill& fill() const { return fill_; }

 private:
  [[nodiscard]] Row RowOf(std::string_view provider) const { return providers_.Resolve(provider); }
  void Counted(const SpoolHoldings::Amount& amount) {
    fill_.records += amount.records;
    fill_.bytes += amount.bytes;
    fill_.uncounted_bytes -= std::min(fill_.uncounted_bytes, amount.bytes);
  }

  const common::ProviderTable& providers_;
  std::vector<std::size_t> waiting_;  ///< By row.
  std::size_t all_waiting_ = 0;
  SpoolFill fill_;
};

}  // namespace ingest
