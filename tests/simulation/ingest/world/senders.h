#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/ingest/world/judge.h"
#include "tests/simulation/ingest/world/process.h"
#include "tests/simulation/runtime/random.h"

namespace simulation::intake {

/// The providers: each sends a callback until it has the answer that it takes for success, by the
/// rules of ops/simulator/sender_rules.h on a clock that runs sixty times as fast, and waits ten
/// seconds for an answer. A proxy between them and the instances asks each second who is ready.
class Senders {
 public:
  /// The instances that exist.
  using Find = std::function<std::vector<Process*>()>;

  Senders(Runtime& runtime, Random random, Trace& trace, Judge& judge, bool has_big_records,
          Find find);

  void SendNew(int count, bool is_one_shot);
  /// Somebody resends earlier ones by hand.
  void SendAgain(int count);
  [[nodiscard]] std::size_t facts() const { return facts_.size(); }
  [[nodiscard]] std::size_t deliveries() const { return last_delivery_; }
  /// Deliveries without an answer.
  [[nodiscard]] std::size_t under_way() const { return under_way_; }

 private:
  struct Fact {
    std::string route;
    std::string body;
    std::size_t attempts = 0;
    Time first{};
    bool is_accepted = false;
  };

  void Attempt(std::size_t fact);
  void AttemptAfter(std::size_t fact, Span pause);
  void OnAnswer(std::size_t fact, int status);
  void AskWhoIsReady();
  [[nodiscard]] std::vector<Process*> Choose();
  [[nodiscard]] std::string NewBody();

  Runtime& runtime_;
  Random random_;
  Trace& trace_;
  Judge& judge_;
  const bool has_big_records_;
  const Find find_;
  std::vector<Fact> facts_;
  std::vector<std::string> processes_;
  std::map<std::string, Time> held_until_;  ///< By route.
  std::vector<Process*> ready_;
  std::uint64_t last_delivery_ = 0;
  std::size_t under_way_ = 0;
};

}  // namespace simulation::intake
