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

/// What was asked of the API and what it answered.
///
/// Threads: any.
/// Time:    an argument.
class RequestStats {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  void Began(Resource resource, std::string_view path, TimePoint now);
  void Ended(Resource resource, int status);
  /// Whoever has asked for the path is told at `heard_at` to ask again at `until` at the earliest,
  void AskedToWait(std::string_view path, TimePoint heard_at, TimePoint until);
  /// or gets what is there.
  void AnsweredWell(std::string_view path, TimePoint heard_at);

  /// Begins anew, with the requests that are in progress.
  void Reset();

  /// {"requests":{"token":{"200":1},…},"in_progress":0,"max_concurrency":8,
  ///  "max_resource_concurrency":8,"despite_retry_after":0}; every resource is named. The last two
  /// are about dossiers and processes alone; `despite_retry_after` are those that began although a
  /// Retry-After said that they should not (RetryAfterRule).
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
