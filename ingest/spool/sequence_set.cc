#include "ingest/spool/sequence_set.h"

#include <algorithm>
#include <iterator>

namespace ingest {

bool SequenceSet::Insert(std::int64_t sequence) {
  auto bit = blocks_[sequence / kBlock][static_cast<std::size_t>(sequence % kBlock)];
  if (bit) return false;
  bit = true;
  ++size_;
  return true;
}

void SequenceSet::Merge(const SequenceSet& other) {
  for (const auto& [number, bits] : other.blocks_) {
    Block& block = blocks_[number];
    size_ -= block.count();
    block |= bits;
    size_ += block.count();
  }
}

void SequenceSet::Erase(const SequenceRange& range) {
  auto found = blocks_.lower_bound(range.from / kBlock);
  while (found != blocks_.end() && found->first * kBlock <= range.to) {
    const std::int64_t begin = found->first * kBlock;
    Block& block = found->second;
    size_ -= block.count();
    const std::int64_t end = std::min(range.to, begin + kBlock - 1);
    for (std::int64_t at = std::max(range.from, begin); at <= end; ++at) {
      block.reset(static_cast<std::size_t>(at - begin));
    }
    size_ += block.count();
    found = block.none() ? blocks_.erase(found) : std::next(found);
  }
}

bool SequenceSet::Contains(std::int64_t sequence) const {
  const auto found = blocks_.find(sequence / kBlock);
  return found != blocks_.end() && found->second[static_cast<std::size_t>(sequence % kBlock)];
}

std::vector<SequenceRange> SequenceSet::First(std::size_t most, std::int64_t from) const {
  std::vector<SequenceRange> ranges;
  for (auto found = blocks_.lower_bound(from / kBlock); found != blocks_.end(); ++found) {
    const auto& [number, block] = *found;
    for (std::int64_t i = 0; i < kBlock; ++i) {
      const std::int64_t sequence = number * kBlock + i;
      if (sequence < from || !block[static_cast<std::size_t>(i)]) continue;
      if (most-- == 0) return ranges;
      if (!ranges.empty() && ranges.back().to + 1 == sequence) {
        ranges.back().to = sequence;
      } else {
        ranges.push_back({.from = sequence, .to = sequence});
      }
    }
  }
  return ranges;
}

}  // namespace ingest
