#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/cluster/watch.h"
#include "tests/simulation/ingest/world/judge.h"
#include "tests/simulation/ingest/world/senders.h"
#include "tests/simulation/world/judge.h"

namespace simulation::joint {

/// Tells each half's judge what happens on the brokers, and says what must hold from end to end: a
/// callback that was answered 200 and is in Kafka has one result or dead letter, which names its
/// delivery and says what it says. A letter that was put back has another one, however often it is.
class Judge final : public ClusterWatch {
 public:
  void Attach(simulation::Judge& consumers, intake::Judge& ingest, const intake::Senders& senders);

  // ClusterWatch
  void Written(Place place, const Entry& entry) override;
  void Ended(Place place, const Entry& entry) override;
  void Decided(std::uint64_t transaction, bool is_commit) override;
  void OffsetCommitted(int partition, const Committed& committed) override;

  void JudgeEnd();
  [[nodiscard]] std::vector<std::string> violations() const;

 private:
  /// A record of `callbacks`, by its request id: the copies are equal.
  struct Delivery {
    std::string fact;
    std::string received_at;
    intake::Senders::Reported reported;
  };

  [[nodiscard]] const Delivery* Find(const Entry& entry) const;
  [[nodiscard]] std::string FactOf(const Entry& entry) const;
  void JudgeResult(const Entry& entry);
  void JudgePutBack();

  simulation::Judge* consumers_ = nullptr;
  intake::Judge* ingest_ = nullptr;
  const intake::Senders* senders_ = nullptr;
  std::map<std::string, Delivery> deliveries_;
  /// A callback that operators have put back is a fact of its own, known by its place on
  /// `callbacks` and its request id.
  /// A log that was cut can have several callbacks at one place, one after the other.
  struct PutBack {
    std::string fact;
    std::string instead_of;  ///< Of an audit: the fact that had no outcome. Empty: a letter's.
  };
  std::map<std::pair<int, Offset>, std::map<std::string, PutBack>> put_back_;
};

}  // namespace simulation::joint
