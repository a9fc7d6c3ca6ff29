#pragma once

#include <gtest/gtest.h>

#include <iostream>

#include "tests/harness/pipeline.h"

namespace tests {

/// A pipeline whose programs have their last words when a test fails.
class SystemTest : public testing::Test {
 protected:
  void TearDown() override {
    if (HasFailure()) std::cout << pipeline.Describe() << std::endl;
  }

  /// Every acknowledged callback is on `processes` exactly once, every other one at most once.
  void ExpectExactlyOnce(const std::vector<SentCallback>& sent) {
    ASSERT_TRUE(pipeline.AwaitAllDisposed()) << "the consumer does not get to the end of callbacks";
    const std::string discrepancies = Discrepancies(sent, NamesOf(pipeline.Results()));
    EXPECT_TRUE(discrepancies.empty()) << discrepancies;
  }

  Pipeline pipeline;
};

}  // namespace tests
