#pragma once

#include <gtest/gtest.h>

#include <iostream>
#include <utility>

#include "tests/harness/contracts.h"
#include "tests/harness/pipeline.h"

namespace tests {

/// A pipeline that prints its programs' last log lines when a test fails. After each test, all its
/// records must follow ops/docs/contracts.
class SystemTest : public testing::Test {
 protected:
  SystemTest() = default;
  explicit SystemTest(PipelineOptions options) : pipeline(std::move(options)) {}

  void TearDown() override {
    if (!HasFailure() && !IsSkipped()) {
      EXPECT_EQ(ContractBreaches(pipeline.kafka(), pipeline.topics()), "");
    }
    if (HasFailure()) std::cout << pipeline.Describe() << std::endl;
  }

  /// Expects a result on `processes` exactly once for every acknowledged callback, and at most once
  /// for every other one.
  void ExpectExactlyOnce(const std::vector<SentCallback>& sent) {
    ASSERT_TRUE(pipeline.AwaitAllDisposed()) << "the consumer does not reach the end of callbacks";
    const std::string discrepancies = Discrepancies(sent, NamesOf(pipeline.Results()));
    EXPECT_TRUE(discrepancies.empty()) << discrepancies;
  }

  Pipeline pipeline;
};

}  // namespace tests
