#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/harness/broker.h"
#include "tests/harness/browser.h"
#include "tests/harness/served_page.h"
#include "tests/support/kafka_client.h"
#include "tests/support/temp_directory.h"

namespace tests {

/// A page over topics of its own, which the test writes, and a browser.
class ServedRecords : public testing::Test {
 protected:
  ServedRecords();

  /// Nothing must be left on the browser's console.
  void TearDown() override {
    if (!browser_) return;
    EXPECT_THAT(browser_->complaints(), testing::IsEmpty());
  }

  void Serve(std::vector<std::string> options = {});
  /// Opens the page in the browser, at a view: "#/dead".
  void Visit(const std::string& view);
  /// Follows a link of the open page: "#/dead".
  void Go(const std::string& view);
  Browser& browser();

  /// True once the view, or a dialog, shows an answer with this sentence as its state.
  bool Shows(const std::string& place, const std::string& sentence);
  /// The text that a person sees.
  std::string TextOf(const std::string& selector);
  std::string Count(const std::string& selector);

  Record Callback(const std::string& process, const std::string& status) const;
  Record Letter(const std::string& process, const std::string& reason) const;

  TempDirectory directory_;
  KafkaClient kafka_;
  std::string callbacks_;
  std::string seen_;
  std::string processes_;
  std::string dead_;
  std::string config_;
  std::unique_ptr<ServedPage> page_;
  std::unique_ptr<Browser> browser_;
};

}  // namespace tests
