#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/guarded.h"
#include "ops/simulator/assure_request.h"
#include "ops/simulator/retry_after_rule.h"

namespace simulator {

/// Counts the API's requests and answers.
///
/// Threads: any.
/// Time:    an argument.
class RequestStats {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  void Began(Resource resource, std::string_view path, TimePoint now);
  void Ended(Resource resource, int status);
  /// An answer at `heard_at` asks the client of the path not to retry before `until`.
  void AskedToWait(std::string_view path, TimePoint heard_at, TimePoint until);
  /// An answer at `heard_at` contains the document.
  void AnsweredWell(std::string_view path, TimePoint heard_at);

  /// Resets the counts, but keeps the requests in progress.
  void Reset();

  /// {"requests":{"token":{"200":1},…},"in_progress":0,"max_concurrency":8,
  ///  "max_resource_concurrency":8,"despite_retry_after":0}, with every resource. The last two
  /// count only dossiers and processes; `despite_retry_after` counts requests that violated a
  /// Retry-After (RetryAfterRule).
  [[nodiscard]] std::string ToJson() const;

 private:
  struct State {
    std::map<std::pair<Resource, int>, std::uint64_t> answers;
    std::int64_t in_progress = 0;
    std::int64_t max_concurrency = 0;
    std::int64_t resources_in_progress = 0;
    std::int64_t max_resource_concurrency = 0;
    std::int64_t despite_retry_after = 0;
    RetryAfterRule retry_after;
  };
  common::Guarded<State> state_;
};

}  // namespace simulator
