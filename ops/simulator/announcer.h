#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/runtime/shutdown.h"
#include "ops/simulator/curl_sender.h"
#include "ops/simulator/synthetic_callback.h"

namespace simulator {

/// The customer's own program: announces callbacks to ingest (POST /expected) before they are sent.
///
/// Threads: one. Blocks until the answer.
class Announcer {
 public:
  /// ingest takes 1,000 at a time.
  static constexpr std::size_t kMost = 100;

  Announcer(std::string url, const std::string& authorization, std::chrono::milliseconds timeout)
      : url_(std::move(url)), timeout_(timeout), sender_(authorization, timeout, 1) {}

  /// Tries again for a minute if ingest is away, or cannot write to Kafka. At most kMost callbacks.
  /// Errors: kReject if ingest refuses the announcements; kRetry after the minute, or a shutdown.
  common::Result<void> Announce(const std::vector<SyntheticCallback>& callbacks,
                                const common::Shutdown& shutdown);

 private:
  /// 0: no answer.
  int Post(const std::string& body, const common::Shutdown& shutdown);

  std::string url_;
  std::chrono::milliseconds timeout_;
  CurlSender sender_;
};

}  // namespace simulator
