#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

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
  std::unordered_map<std::string, Amount> by_provider{};  ///< Waiting for Kafka.
  Amount done{};                                          ///< Not waiting, only not removed yet.
};

/// Counts waiting callbacks: their size, for the bounds, and their providers, for the order.
///
///   Queued --commit failed--> Dropped
///      |
///      +--committed, replayed--> Acknowledged --row deleted--> Removed
///
/// An acknowledged callback delays nothing any more, but its bytes are on disk until it is removed.
/// While the disk is being counted, it may hold callbacks of any provider, so all providers count
/// as held.
///
/// Threads: confined, or behind the owner's lock.
class SpoolLedger {
 public:
  void Queued(const std::string& provider, std::size_t size) {
    ++waiting_[provider];
    ++fill_.records;
    fill_.bytes += size;
    if (fill_.free_disk) {
      const std::size_t needed = kWritesPerCallback * size;
      *fill_.free_disk -= needed < *fill_.free_disk ? needed : *fill_.free_disk;
    }
  }
  void Dropped(const std::string& provider, std::size_t size) {
    Acknowledged(provider);
    Removed({.records = 1, .bytes = size});
  }
  void Acknowledged(const std::string& provider) {
    const auto found = waiting_.find(provider);
    if (found != waiting_.end() && --found->second == 0) waiting_.erase(found);
  }
  void Removed(const SpoolHoldings::Amount& removed) {
    fill_.records -= removed.records;
    fill_.bytes -= removed.bytes;
  }

  void FreeDiskIs(std::optional<std::uint64_t> bytes) { fill_.free_disk = bytes; }

  /// Forgets the counts of the disk, which holds about `bytes` bytes that must be counted. Queued
  /// callbacks must be added again.
  void Recount(std::size_t bytes) {
    waiting_.clear();
    fill_.records = 0;
    fill_.bytes = 0;
    fill_.uncounted_bytes = bytes;
    fill_.is_counted = false;
  }
  /// Adds a further counted part, possibly the last one, or a row found after that.
  void Counted(const SpoolHoldings& holdings, bool is_all) {
    for (const auto& [provider, of_it] : holdings.by_provider) {
      waiting_[provider] += of_it.records;
      Counted(of_it);
    }
    Counted(holdings.done);
    if (!is_all) return;
    fill_.uncounted_bytes = 0;
    fill_.is_counted = true;
  }

  [[nodiscard]] bool Holds(std::string_view provider) const {
    if (!fill_.is_counted) return true;
    return !waiting_.empty() && waiting_.contains(std::string(provider));
  }
  /// True if no callback waits for Kafka, though acknowledged ones may still have to be removed.
  [[nodiscard]] bool HoldsNothing() const { return fill_.is_counted && waiting_.empty(); }
  [[nodiscard]] const SpoolFill& fill() const { return fill_; }

 private:
  void Counted(const SpoolHoldings::Amount& amount) {
    fill_.records += amount.records;
    fill_.bytes += amount.bytes;
    fill_.uncounted_bytes -= std::min(fill_.uncounted_bytes, amount.bytes);
  }

  std::unordered_map<std::string, std::size_t> waiting_;  ///< By the provider's stored name.
  SpoolFill fill_;
};

}  // namespace ingest
