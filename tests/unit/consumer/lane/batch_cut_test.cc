#include "consumer/lane/batch_cut.h"

#include <gtest/gtest.h>

#include <string>

namespace consumer {
namespace {

/// One character per completion. '.': not refused. A letter: refused, in lower case for its record,
/// in upper case for its partition; a and A: partition 0, b and B: 1, z and Z: callbacks.dead.
Suspicions Read(const std::string& text) {
  Suspicions suspicions;
  for (const char c : text) {
    if (c == '.') {
      suspicions.emplace_back();
      continue;
    }
    const bool is_partition = c < 'a';
    const char lower = is_partition ? static_cast<char>(c - 'A' + 'a') : c;
    const OutgoingTopic topic = lower == 'z' ? OutgoingTopic::kDead : OutgoingTopic::kProcesses;
    suspicions.push_back(
        Suspicion{PlaceOf(topic, Partition(lower - 'a')),
                  is_partition ? RefusalReason::kUnavailable : RefusalReason::kTooLarge});
  }
  return suspicions;
}

/// The completions at fault as '!', the others as the number of their part.
std::string Draw(const std::string& text) {
  const BatchCut cut = CutRefused(Read(text));
  std::string drawn(text.size(), '?');
  for (const std::size_t at : cut.at_fault) drawn[at] = '!';
  for (std::size_t part = 0; part < cut.parts.size(); ++part) {
    for (const std::size_t at : cut.parts[part]) drawn[at] = static_cast<char>('1' + part);
  }
  return drawn + (cut.is_by_partition ? " by partition" : "");
}

struct Row {
  std::string name;
  std::string refused;
  std::string cut;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class BatchCutTable : public ::testing::TestWithParam<Row> {};

TEST_P(BatchCutTable, CutsAsDrawn) { EXPECT_EQ(Draw(GetParam().refused), GetParam().cut); }

INSTANTIATE_TEST_SUITE_P(
    Rows, BatchCutTable,
    ::testing::Values(
        Row{"one_record", "a", "!"}, Row{"one_among_others", "..a..", "11!11"},
        Row{"two_of_a_request", "aa", "12"}, Row{"many_of_a_request", "aaaa", "1122"},
        Row{"suspects_among_others", ".a.a.a.a.", "111112222"},
        Row{"one_of_each_request", ".a.b.", "1!1!1"}, Row{"one_and_many", ".a.bb", "1!112"},
        Row{"a_dead_partition", ".A.A", "1!1!"}, Row{"two_dead_partitions", ".A.B", "1!1!"},
        Row{"only_a_dead_partition", "AAA", "!!!"}, Row{"everything", "ABAB", "1212 by partition"},
        Row{"everything_and_letters", "AZA", "212 by partition"},
        Row{"a_dead_partition_and_a_record", "A.b.", "!1!1"},
        Row{"a_dead_partition_and_records", "A.bb", "!112"}, Row{"nothing_known", "...", "111"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace consumer
