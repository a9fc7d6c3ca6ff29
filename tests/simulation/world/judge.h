#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/cluster/cluster.h"
#include "tests/simulation/cluster/watch.h"

namespace simulation {

/// Watches the brokers, and says what must never be seen there.
///
///   result, dead letter   each fact has one, and one marker, in the eyes of a read_committed reader
///   transaction           is visible as a whole or not at all, as the coordinator decided
///   offset                never passes a record that is not disposed of; never goes back
///   result                belongs to the process that it names
class Judge final : public ClusterWatch {
 public:
  void Attach(Runtime& runtime, const Cluster& cluster) {
    runtime_ = &runtime;
    cluster_ = &cluster;
  }

  /// A callback was written; facts are told apart by the text.
  void Arrived(int partition, Offset offset, const std::string& fact);

  void Written(Place place, const Entry& entry) override;
  void Ended(Place place, const Entry& entry) override;
  void Decided(std::uint64_t transaction, bool is_commit) override;
  void OffsetCommitted(int partition, const Committed& committed) override;

  void Blame(const std::string& what);

  /// Facts that arrived before that time and are not disposed of for readers.
  [[nodiscard]] std::vector<std::string> Undisposed(Time before) const;
  [[nodiscard]] std::size_t facts() const { return facts_.size(); }
  [[nodiscard]] std::size_t disposed() const;
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }

 private:
  struct Fact {
    Time arrived_at{};
    int results = 0;
    int letters = 0;
    std::vector<std::pair<Place, Offset>> written;  ///< Results and dead letters, visible or not.
  };

  [[nodiscard]] Fact* FactOf(Place place, const Entry& entry, std::string& name);
  [[nodiscard]] bool IsDecided(const Entry& entry, bool is_commit) const;
  [[nodiscard]] bool IsDisposedOf(const Fact& fact) const;
  /// True if readers see no result and no marker of the transaction for that partition: Kafka has
  /// forgotten its end on both topics and for the offset. It was undone as a whole, and its callbacks
  /// are read again.
  [[nodiscard]] bool IsUndone(Place place, const Entry& entry) const;
  [[nodiscard]] bool HasCopy(Place place, const Entry& entry) const;

  Runtime* runtime_ = nullptr;
  const Cluster* cluster_ = nullptr;
  std::map<std::string, Fact> facts_;
  std::map<std::pair<int, Offset>, std::string> callbacks_;
  std::map<std::string, int> markers_;  ///< Visible ones, by identity.
  std::map<std::uint64_t, bool> decisions_;
  std::map<int, Offset> committed_;
  std::vector<std::string> violations_;
};

}  // namespace simulation
