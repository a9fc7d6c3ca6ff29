// A history is the same in every build: debug and release, with and without sanitizers.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <ios>
#include <sstream>
#include <string>

#include "tests/simulation/ingest/world/adversary.h"
#include "tests/simulation/ingest/world/world.h"
#include "tests/simulation/joint/adversary.h"
#include "tests/simulation/joint/world.h"
#include "tests/simulation/world/adversary.h"
#include "tests/simulation/world/world.h"

namespace simulation {
namespace {

/// What has happened, to the microsecond, as a hash.
struct Golden {
  std::uint64_t seed = 0;
  std::uint64_t plain = 0;      ///< Of consumer,
  std::uint64_t announced = 0;  ///< with announced processes,
  std::uint64_t ingest = 0;
  std::uint64_t joint = 0;
};

// Each change of what the programs do, or the world, changes some of them: a failure prints the row
// that is now right. If only one build fails, its history depends on something that is not in the
// seed: the order of an unordered container, an address, a clock, memory that was never written.
constexpr std::array<Golden, 3> kGolden = {{
    {3, 0xdb5da26d93d46e9e, 0x6175c47eaa8d6fa6, 0xed33289393792f5d, 0x3539121a6bdc9181},
    {11, 0x6cc4822a8859037c, 0x2c28aa4a64d0a4db, 0xdc5e9160c481d923, 0x20e68352e0dc8246},
    {17, 0x54aa2c37854e6897, 0x6bb5d963a93d157e, 0x86e5e0ec714f3e71, 0x96cc38e81a5308dc},
}};

std::string TextOf(const Golden& golden) {
  std::ostringstream text;
  text << "{" << golden.seed << std::hex;
  for (const std::uint64_t hash : {golden.plain, golden.announced, golden.ingest, golden.joint}) {
    text << ", 0x" << hash;
  }
  return text.str() + "},";
}

TEST(Determinism, EveryBuildHasTheSameHistories) {
  for (const Golden& golden : kGolden) {
    const std::uint64_t seed = golden.seed;
    const Golden found{.seed = seed,
                       .plain = RunScenario(MakeScenario(seed)).hash,
                       .announced = RunScenario(MakeAnnouncedScenario(seed)).hash,
                       .ingest = intake::RunScenario(intake::MakeScenario(seed)).hash,
                       .joint = joint::RunScenario(joint::MakeScenario(seed)).hash};
    EXPECT_EQ(TextOf(found), TextOf(golden));
  }
}

}  // namespace
}  // namespace simulation
