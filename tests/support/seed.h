#pragma once

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string_view>

namespace tests {

/// The seed of a random test: a new one in each run, or the environment variable SLUICE_TEST_SEED,
/// which repeats a run. Prints it, so that a test that crashes has told it as well.
[[nodiscard]] inline unsigned Seed() {
  unsigned seed = std::random_device()();
  const char* given = std::getenv("SLUICE_TEST_SEED");  // NOLINT(concurrency-mt-unsafe): only read
  if (given != nullptr) {
    const std::string_view text(given);
    std::from_chars(text.data(), text.data() + text.size(), seed);
  }
  std::printf("seed %u: repeat with SLUICE_TEST_SEED=%u\n", seed, seed);
  std::fflush(stdout);
  return seed;
}

}  // namespace tests
