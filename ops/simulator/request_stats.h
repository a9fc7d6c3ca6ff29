#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "common/base/guarded.h"
#include "ops/simulator/assure_request.h"

namespace simulator {

/// What was asked of the API and what it answered.
///
/// Threads: any.
class RequestStats {
 public:
  void Began();
  void Ended(Resource resource, int status);

  /// {"requests":{"token":{"200":1},…},"in_progress":0,"max_concurrency":8}; every resource is
  /// named.
  [[nodiscard]] std::string ToJson() const;

 private:
  struct State {
    std::map<std::pair<Resource, int>, std::uint64_t> answers;
    std::int64_t in_progress = 0;
    std::int64_t max_concurrency = 0;
  };
  common::Guarded<State> state_;
};

}  // namespace simulator
