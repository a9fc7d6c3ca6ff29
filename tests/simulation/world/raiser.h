#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "ops/ctl/shell/settings.h"
#include "tests/simulation/runtime/runtime.h"

namespace simulation {

/// One run of `sluicectl topics raise`: the real one, on the model's clients.
class Raiser {
 public:
  enum class End {
    kDone,
    kRefused,  ///< Nothing was changed.
    kFailed,   ///< Whatever was done by then stands.
  };
  struct Ended {
    End end = End::kDone;
    std::string why;
  };
  /// Lifetime: must outlive its requests.
  Raiser(Runtime& runtime, int host_id, bool watches_expected, int partitions);

  /// `heard` is called in an event, unless it was killed.
  void Start(std::function<void(const Ended& ended)> heard);
  /// Nothing that it sends arrives any more.
  void Kill();

 private:
  [[nodiscard]] Ended Run();

  Runtime& runtime_;
  Host host_;
  ctl::ClusterSettings settings_;
  int partitions_;
  std::stop_source stop_;
};

}  // namespace simulation
