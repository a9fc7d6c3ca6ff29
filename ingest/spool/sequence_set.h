#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace ingest {

/// Both of them included; none, where `from` is greater.
struct SequenceRange {
  std::int64_t from = 0;
  std::int64_t to = 0;
  friend bool operator==(const SequenceRange&, const SequenceRange&) = default;
};

/// Sequences of rows, none of them negative: a bit for each, in blocks.
///
/// Intervals would cost as much for each row of a partition that takes nothing as for a run of a
/// million: its rows lie between all others. A block costs some hundred bytes, whatever is in it.
///
/// Threads: confined.
class SequenceSet {
 public:
  /// False: it was in it already.
  bool Insert(std::int64_t sequence);
  void Merge(const SequenceSet& other);
  /// Time: does not grow with the length of the range.
  void Erase(const SequenceRange& range);
  [[nodiscard]] bool Contains(std::int64_t sequence) const;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  /// The first `most` of them, in their order: the longest ranges that nothing is missing from.
  [[nodiscard]] std::vector<SequenceRange> First(std::size_t most) const;

 private:
  static constexpr std::int64_t kBlock = 512;
  using Block = std::bitset<kBlock>;

  std::map<std::int64_t, Block> blocks_;  ///< By sequence / kBlock. None is empty.
  std::size_t size_ = 0;
};

}  // namespace ingest
