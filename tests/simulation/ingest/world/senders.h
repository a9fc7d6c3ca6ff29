#pragma once

#include <chrono>
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

  struct Bodies {
    bool may_be_big = false;
    /// Each is a fact that consumers tell from the others, deliveries of one fact differ in what
    /// does not matter, and some are no callbacks. One is not repeated when half its window is
    /// over.
    bool are_for_consumers = false;
  };
  Senders(Runtime& runtime, Random random, Trace& trace, Judge& judge, Bodies bodies, Find find);

  void SendNew(int count, bool is_one_shot);
  /// Somebody resends earlier ones by hand.
  void SendAgain(int count);
  [[nodiscard]] std::size_t facts() const { return facts_.size(); }
  [[nodiscard]] std::size_t deliveries() const { return last_delivery_; }
  /// The content of a body that was sent.
  struct Reported {
    std::size_t fact = 0;
    std::string route;
    std::string process;  ///< Empty: the body is not a callback.
    std::string status;
  };
  [[nodiscard]] const Reported* FindReported(const std::string& body) const;
  /// Deliveries without an answer.
  [[nodiscard]] std::size_t under_way() const { return under_way_; }

 private:
  struct Fact {
    std::string route;
    std::string body;
    std::string process = {};
    std::string status = {};
    std::size_t attempts = 0;
    Time first{};
    std::chrono::system_clock::time_point first_wall{};
    bool is_accepted = false;
  };

  void Attempt(std::size_t fact);
  void AttemptAfter(std::size_t fact, Span pause);
  void OnAnswer(std::size_t fact, int status);
  void AskWhoIsReady();
  [[nodiscard]] std::vector<Process*> Choose();
  [[nodiscard]] std::string NewProcess();
  [[nodiscard]] std::string NewBody();
  [[nodiscard]] Fact NewFact(std::string route);
  [[nodiscard]] std::string BodyOf(const Fact& fact) const;
  [[nodiscard]] bool MayRepeat(const Fact& fact) const;

  Runtime& runtime_;
  Random random_;
  Trace& trace_;
  Judge& judge_;
  const Bodies bodies_;
  const common::ProviderTable providers_;
  const Find find_;
  std::vector<Fact> facts_;
  std::vector<std::string> processes_;
  std::map<std::string, std::size_t> facts_of_process_;
  std::map<std::string, Reported> reported_;  ///< By body.
  std::map<std::string, Time> held_until_;    ///< By route.
  std::vector<Process*> ready_;
  std::uint64_t last_delivery_ = 0;
  std::size_t under_way_ = 0;
};

}  // namespace simulation::intake
