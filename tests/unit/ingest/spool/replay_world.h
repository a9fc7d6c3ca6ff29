#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/key_partition.h"
#include "ingest/spool/replay.h"

namespace ingest {

/// Rows in memory, in place of the spool's file.
class FakeSource final : public Replay::Source {
 public:
  Scanned Scan(std::int64_t from, std::int64_t to, std::size_t most, const Visit& visit) override {
    ++scans;
    Scanned result{.passed = from - 1};
    if (!is_open) result.error = {common::Remedy::kRetry, "closed", ""};
    if (!is_scannable) result.error = {common::Remedy::kAbort, "io_error", "scan"};
    if (result.error) return result;
    for (auto row = rows.lower_bound(from); row != rows.end() && row->first <= to; ++row) {
      if (unscannable.contains(row->first)) {
        result.error = {common::Remedy::kAbort, "io_error", "scan " + std::to_string(row->first)};
        return result;
      }
      ++scanned;
      result.passed = row->first;
      visit(row->first, row->second.envelope.key, row->second.size);
      if (--most == 0) return result;
    }
    result.passed = to;
    return result;
  }
  common::Result<std::optional<SpooledCallback>> Read(std::int64_t sequence) override {
    ++reads;
    if (!is_open) return common::Error{common::Remedy::kRetry, "closed", ""};
    if (unreadable.contains(sequence)) {
      return common::Error{common::Remedy::kAbort, "io_error", "read " + std::to_string(sequence)};
    }
    const auto found = rows.find(sequence);
    if (found == rows.end()) return std::optional<SpooledCallback>();
    return std::optional(found->second);
  }
  [[nodiscard]] std::int64_t last_sequence() const override { return last; }

  /// Adds a row with the body "sequence:key".
  void Hold(const std::string& key, std::size_t size = 10) {
    SpooledCallback callback;
    callback.sequence = ++last;
    callback.size = size;
    callback.envelope.key = key;
    callback.envelope.provider = "paper";
    callback.envelope.body = std::to_string(last) + ":" + key;
    rows[last] = std::move(callback);
  }

  std::int64_t last = 0;
  std::map<std::int64_t, SpooledCallback> rows;
  bool is_open = true;
  bool is_scannable = true;
  std::set<std::int64_t> unreadable;   ///< Rows with unreadable bodies.
  std::set<std::int64_t> unscannable;  ///< Rows that cannot be scanned.
  std::size_t scans = 0;
  std::size_t reads = 0;
  std::size_t scanned = 0;  ///< Rows in all scans.
};

/// Accepts and keeps offers, except as the test configures.
class FakeKafka final : public CallbackSink {
 public:
  Offered Offer(CallbackNumber number, common::Envelope envelope) override {
    ++offers;
    if (is_away) return Offered::kAway;
    if (room == 0) return Offered::kFull;
    if (refused_at_once.contains(envelope.body)) return Offered::kRefused;
    --room;
    numbers[envelope.body] = number;
    offered.push_back(envelope.body);
    return Offered::kTaken;
  }
  std::vector<std::string> TakeOffered() { return std::exchange(offered, {}); }

  std::size_t room = 1'000'000;
  bool is_away = false;
  std::set<std::string> refused_at_once;
  std::size_t offers = 0;
  std::vector<std::string> offered;
  std::map<std::string, CallbackNumber> numbers;  ///< The last number of each body.
};

/// Returns a key of this partition.
inline std::string KeyOf(int partition, int partitions, int which = 0) {
  for (int i = 0;; ++i) {
    std::string key = "k" + std::to_string(i);
    if (common::PartitionOf(key, partitions) == common::Partition(partition) && which-- == 0)
      return key;
  }
}

}  // namespace ingest
