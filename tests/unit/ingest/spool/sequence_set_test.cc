#include "ingest/spool/sequence_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace ingest {

void PrintTo(const SequenceRange& range, std::ostream* out) {
  *out << range.from << ".." << range.to;
}

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SequenceSet, GivesAdjacentSequencesAsOneRange) {
  SequenceSet set;
  for (const std::int64_t sequence : {512, 3, 1, 511, 513, 2, 7}) EXPECT_TRUE(set.Insert(sequence));
  EXPECT_FALSE(set.Insert(7));
  EXPECT_EQ(set.size(), 7U);
  EXPECT_THAT(set.First(100),
              ElementsAre(SequenceRange{1, 3}, SequenceRange{7, 7}, SequenceRange{511, 513}));
  EXPECT_THAT(set.First(2), ElementsAre(SequenceRange{1, 2}));
  EXPECT_THAT(set.First(0), IsEmpty());
}

TEST(SequenceSet, ErasesARangeFarLongerThanItsContent) {
  SequenceSet set;
  set.Insert(0);
  set.Insert(std::int64_t{1} << 41);
  set.Erase({.from = 0, .to = std::int64_t{1} << 40});
  EXPECT_FALSE(set.Contains(0));
  EXPECT_TRUE(set.Contains(std::int64_t{1} << 41));
  EXPECT_EQ(set.size(), 1U);
}

/// The ranges of a plain set of numbers.
std::vector<SequenceRange> RangesOf(const std::set<std::int64_t>& model, std::size_t most) {
  std::vector<SequenceRange> ranges;
  for (const std::int64_t sequence : model) {
    if (most-- == 0) break;
    if (!ranges.empty() && ranges.back().to + 1 == sequence) {
      ++ranges.back().to;
    } else {
      ranges.push_back({.from = sequence, .to = sequence});
    }
  }
  return ranges;
}

class RandomSets {
 public:
  explicit RandomSets(unsigned seed) : random_(seed), spread_(Random(1) == 0 ? 700 : 20'000) {}

  void Step() {
    const std::int64_t from = Random(spread_);
    const std::int64_t to = from + Random(600) - 5;  // May be empty.
    switch (Random(4)) {
      case 0:
        set_.Erase({.from = from, .to = to});
        for (std::int64_t at = from; at <= to; ++at) model_.erase(at);
        break;
      case 1:
        for (std::int64_t at = from; at <= to; ++at) {
          ASSERT_EQ(set_.Insert(at), model_.insert(at).second);
        }
        break;
      case 2: {
        SequenceSet other;
        for (int i = 0; i < 10; ++i) {
          const std::int64_t at = Random(spread_);
          other.Insert(at);
          model_.insert(at);
        }
        set_.Merge(other);
        break;
      }
      default:
        ASSERT_EQ(set_.Insert(from), model_.insert(from).second);
    }
    ASSERT_EQ(set_.size(), model_.size());
    const std::int64_t any = Random(spread_);
    ASSERT_EQ(set_.Contains(any), model_.contains(any)) << any;
    const auto most = static_cast<std::size_t>(Random(2000));
    ASSERT_EQ(set_.First(most), RangesOf(model_, most));
  }

 private:
  std::int64_t Random(std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(0, most)(random_);
  }

  std::mt19937 random_;
  std::int64_t spread_;
  SequenceSet set_;
  std::set<std::int64_t> model_;
};

TEST(SequenceSetProperty, BehavesLikeASetOfNumbers) {
  const unsigned first_seed = std::random_device()();  // Printed on failure.
  for (unsigned i = 0; i < 20; ++i) {
    SCOPED_TRACE("seed " + std::to_string(first_seed + i));
    RandomSets sets(first_seed + i);
    for (int step = 0; step < 200; ++step) ASSERT_NO_FATAL_FAILURE(sets.Step());
  }
}

}  // namespace
}  // namespace ingest
