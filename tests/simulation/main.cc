// The tests, or with the first argument "explore" as many histories as one likes (ops/simulate).
#include <gtest/gtest.h>

#include <string_view>

#include "tests/simulation/explore.h"
#include "tests/simulation/ingest/explore_ingest.h"
#include "tests/simulation/joint/explore_joint.h"

int main(int count, char** words) {
  if (count > 1 && std::string_view(words[1]) == "explore") {
    const auto options = simulation::ReadExploreOptions(count - 1, words + 1);
    if (options.ingest) return simulation::intake::Explore(options);
    return options.joint ? simulation::joint::Explore(options) : simulation::Explore(options);
  }
  testing::InitGoogleTest(&count, words);
  return RUN_ALL_TESTS();
}
