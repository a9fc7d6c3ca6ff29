#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/cluster/network.h"
#include "tests/simulation/cluster/protocol.h"
#include "tests/simulation/cluster/watch.h"

namespace simulation {

/// Control records of one transaction that are never written.
struct Forgetting {
  std::optional<bool> is_commit;  ///< None: whatever is decided.
  std::set<Topic> topics;
  bool is_even_only = false;  ///< Of partitions with even numbers.
};

/// How the control records of a decided transaction fare.
struct MarkerFaults {
  double slow = 0;               ///< One takes up to five seconds.
  double forget = 0;             ///< With a leader that is away, one is never written.
  std::vector<Forgetting> next;  ///< Each for the next transaction that it fits.
};

/// Kafka's transaction coordinator, as old clients (TV1) know it.
///
///   kEmpty ─AddPartitions─► kOngoing ─EndTxn─► kPrepare ─markers written─► kComplete
///                              ▲ │                                           │
///                              │ └─InitProducerId, time-out: epoch + 1, abort │
///                              └────────────────AddPartitions────────────────┘
class Transactions {
 public:
  /// Writes the control record; false: its leader is away.
  using WriteMarker = std::function<bool(Place, Producer, bool is_commit)>;

  Transactions(Runtime& runtime, Random random, Network& network, Trace& trace, ClusterWatch& watch,
               WriteMarker write)
      : runtime_(runtime),
        random_(random),
        network_(network),
        trace_(trace),
        watch_(watch),
        write_(std::move(write)) {}

  struct Initialised {
    Code code = Code::kNone;
    Producer producer;
  };
  [[nodiscard]] Initialised Initialise(const std::string& id, Span timeout);
  [[nodiscard]] Code Add(const std::string& id, Producer producer, const std::set<Place>& places);
  [[nodiscard]] Code End(const std::string& id, Producer producer, bool is_commit);
  /// Aborts transactions that have been open for too long. Called every second.
  void Expire();

  /// Whether a record may be written there (partition verification); its transaction, or 0.
  [[nodiscard]] std::uint64_t Verify(Producer producer, Place place) const;
  /// The transaction that the producer has open now.
  [[nodiscard]] std::uint64_t Current(ProducerId id) const;

  [[nodiscard]] bool IsQuiet() const;
  [[nodiscard]] int forgotten() const { return forgotten_; }

  MarkerFaults faults;

 private:
  enum class State { kEmpty, kOngoing, kPrepare, kComplete };
  struct Transaction {
    State state = State::kEmpty;
    Producer producer;
    bool is_commit = false;  ///< In kPrepare and kComplete.
    std::uint64_t number = 0;
    std::set<Place> places;
    Span timeout{};
    Time begun_at{};
  };

  [[nodiscard]] Code Check(const Transaction* transaction, Producer producer) const;
  void Decide(Transaction& transaction, bool is_commit);
  void SendMarker(const std::string& id, Place place, Producer producer, bool is_commit, int tries);
  void Written(const std::string& id, Place place);
  void Forget(const std::string& id, Place place, Producer producer);
  /// Takes the forgetting that is meant for such an end.
  [[nodiscard]] Forgetting TakeForgetting(bool is_commit);
  [[nodiscard]] Transaction* Find(const std::string& id);

  Runtime& runtime_;
  Random random_;
  Network& network_;
  Trace& trace_;
  ClusterWatch& watch_;
  WriteMarker write_;
  std::map<std::string, Transaction> transactions_;
  ProducerId last_id_ = 999;
  std::uint64_t last_number_ = 0;
  int forgotten_ = 0;
};

}  // namespace simulation
