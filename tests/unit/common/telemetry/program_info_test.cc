#include "common/telemetry/program_info.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

namespace common {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

TEST(ConfigHash, TellsFilesApartAndIsTooShortToConfirmAGuess) {
  EXPECT_THAT(ConfigHash("listen: 127.0.0.1:1\n"), MatchesRegex("[0-9a-f]{8}"));
  EXPECT_EQ(ConfigHash("a: 1\n"), ConfigHash("a: 1\n"));
  EXPECT_NE(ConfigHash("a: 1\n"), ConfigHash("a: 1\n "));
}

TEST(ProgramInfo, IsInTheLabelsOfGaugesThatAreOne) {
  prometheus::Registry registry;
  AddProgramInfo(registry, {.version = "1.2.3", .commit = "abc", .config_hash = "0123abcd"});
  const std::string text = prometheus::TextSerializer().Serialize(registry.Collect());
  EXPECT_THAT(text, HasSubstr(R"(sluice_build_info{commit="abc",version="1.2.3"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(sluice_config_info{hash="0123abcd"} 1)"));
}

}  // namespace
}  // namespace common
