// A position on a topic has one type for its partition and one for its offset in all that we ship.
#include "tests/architecture/bare_positions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/architecture/project.h"

namespace tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(BarePositions, AreNotCountsNorBytesNorComments) {
  EXPECT_THAT(FindBarePositions("lane.h",
                                "Partition partition{};\nstd::optional<common::Offset> offset;\n"
                                "int partitions = 12;\nstd::int64_t uncommitted_offsets = 0;\n"
                                "std::size_t offset_ = 0;\nint x = 0;  // int partition\n"
                                "[[nodiscard]] std::int64_t offset_count() const;\n"),
              IsEmpty());
}

struct Bare {
  const char* name;
  const char* declaration;
  const char* found;
};

class BarePositionsRefused : public ::testing::TestWithParam<Bare> {};

TEST_P(BarePositionsRefused, It) {
  EXPECT_THAT(FindBarePositions("lane.h", std::string("struct A {\n") + GetParam().declaration),
              ElementsAre(std::string("lane.h:2: ") + GetParam().found));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BarePositionsRefused,
    ::testing::Values(
        Bare{"APartition", "  std::int32_t partition = 0;", "std::int32_t partition"},
        Bare{"AnOffset", "  std::int64_t offset = 0;", "std::int64_t offset"},
        Bare{"AMember", "  int dead_partition_ = -1;", "int dead_partition_"},
        Bare{"AParameter", "  void Seek(const std::int64_t& offset);", "std::int64_t& offset"},
        Bare{"AnOptional", "  std::optional<std::int32_t> partition;", "std::int32_t> partition"},
        Bare{"AnAccessor", "  long offset() const;", "long offset"},
        Bare{"AnAlias", "  using Offset = std::int64_t;", "using Offset = std::int64_t;"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(ProjectBarePositions, DoNotOccurInShippedCode) {
  std::size_t read = 0;
  for (const auto& [path, text] : ProjectTexts({".cc", ".h"})) {
    if (path.starts_with("tests/")) continue;
    ++read;
    for (const std::string& bare : FindBarePositions(path, text)) ADD_FAILURE() << bare;
  }
  EXPECT_GT(read, 500U);
}

}  // namespace
}  // namespace tests
