#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace simulation {

enum class Kind {
  kArrive,        ///< `number` new callbacks.
  kRedeliver,     ///< `number` of the earlier ones again.
  kCrash,         ///< An instance; it starts again after `span`.
  kFreeze,        ///< An instance, for `span`.
  kStop,          ///< An instance, in good order; it starts again after `span`.
  kTwin,          ///< A second instance of the same name, for `span`.
  kClock,         ///< An instance's clock is wrong by `number` seconds.
  kBrokerCrash,   ///< Starts again after `span`.
  kBrokerFreeze,  ///< For `span`.
  kLeaderGone,    ///< Of a partition; one is elected soon.
  kNetwork,       ///< Requests are lost, late and slow, for `span`.
  kMarkersSlow,   ///< Control records come seconds late, for `span`.
  kMarkersLost,   ///< Those whose leader is away are forgotten, for `span`.
  kApiDown,       ///< For `span`.
  kApiBad,        ///< Errors, slowness, other people's answers, for `span`.
};

/// Something that happens to the world at a time of its own.
struct Action {
  std::chrono::milliseconds at{};
  Kind kind = Kind::kArrive;
  std::uint64_t target = 0;  ///< Which instance, broker or partition: modulo their number.
  std::chrono::milliseconds span{};
  int number = 0;
};

/// A history to come: together with the code, it determines everything.
struct Scenario {
  std::uint64_t seed = 0;  ///< Of the network's and the API's chances.
  int brokers = 3;
  int instances = 2;
  int lanes = 1;
  std::vector<Action> actions;  ///< By time.
};

/// A scenario that the seed chooses.
[[nodiscard]] Scenario MakeScenario(std::uint64_t seed);

/// As C++, for a test.
[[nodiscard]] std::string ToText(const Scenario& scenario);

}  // namespace simulation
