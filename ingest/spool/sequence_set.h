#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace ingest {

/// Inclusive. Empty if `from` is greater than `to`.
struct SequenceRange {
  std::int64_t from = 0;
  std::int64_t to = 0;
  friend bool operator==(const SequenceRange&, const SequenceRange&) = default;
};

/// A set of non-negative sequences: one bit each, in blocks.
///
/// Intervals would cost as much for each row of a blocked partition as for a run of a million,
/// because its rows lie between all others. A block costs some hundred bytes, whatever it contains.
///
/// Threads: confined.
class SequenceSet {
 public:
  /// False if it was in the set already.
  bool Insert(std::int64_t sequence);
  void Merge(const SequenceSet& other);
  /// Time: independent of the range's length.
  void Erase(const SequenceRange& range);
  [[nodiscard]] bool Contains(std::int64_t sequence) const;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  /// The first `most` sequences that are not below `from`, in order, as the longest contiguous
  /// ranges.
  [[nodiscard]] std::vector<SequenceRange> First(std::size_t most, std::int64_t from = 0) const;

 private:
  static constexpr std::int64_t kBlock = 512;
  using Block = std::bitset<kBlock>;

  std::map<std::int64_t, Block> blocks_;  ///< By sequence / kBlock. None is empty.
  std::size_t size_ = 0;
};

}  // namespace ingest
