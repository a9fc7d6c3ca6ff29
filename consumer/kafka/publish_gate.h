#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/deadline.h"
#include "common/telemetry/log.h"
#include "consumer/kafka/client_settings.h"
#include "consumer/kafka/log_reader.h"
#include "consumer/lane/committer.h"

namespace consumer {

/// Lets a transaction begin only where nothing is open. Kafka can forget to end a transaction on
/// some partitions, and the next one of the same producer that touches such a partition ends it
/// there, with its own outcome: an aborted batch would become visible, or a committed one vanish.
///
///   processes, seen   only the owner of the source partition writes there: all of it must be ended
///   dead              shared: a letter goes to a partition on which nothing is open, another one
///                     than its key's if need be
///   offsets           what an aborted transaction carried must not be pending any more
///
/// Threads: confined to the committer's.
class PublishGate {
 public:
  PublishGate(ClientSettings settings, const common::Logger& log)
      : settings_(std::move(settings)), log_(log) {}

  enum class State {
    kClean,
    kNobodyAnswers,
    kNotClean,        ///< Something is open.
    kUnavailable,     ///< Some partitions do not answer, but brokers do.
    kOffsetsPending,  ///< Of a transaction that was aborted; a new producer ends them.
  };
  struct Answer {
    State state = State::kClean;
    std::string detail;             ///< For people.
    std::set<Partition> open = {};  ///< kNotClean: the source partitions on which something is.
    /// kUnavailable: the records that have nowhere to go. The others could have gone.
    std::vector<Refusal> refusals;
  };
  /// Waits until everything that the batch touches is clean, and chooses the partitions of its dead
  /// letters. `beat` is called often.
  [[nodiscard]] Answer Await(Batch& batch, common::Deadline deadline,
                             const std::function<void()>& beat);

  /// A new producer has ended what was pending of its predecessor's offsets.
  void Initialised() { aborted_.clear(); }
  /// A transaction that carried these offsets was aborted.
  void Aborted(const std::vector<PartitionOffset>& offsets);

 private:
  struct Place {
    std::string topic;
    std::set<Partition> missing;  ///< Not seen clean yet.
    Offsets open;                 ///< Of these, as they were seen last.
    bool is_answered = false;
  };
  [[nodiscard]] std::vector<Place> PlacesOf(const Batch& batch) const;
  void Look(Place& place, common::Deadline deadline);
  /// Whether each dead letter has a partition to go to.
  bool PlaceLetters(Batch& batch, bool may_go_elsewhere, common::Deadline deadline);
  bool AreOffsetsStable(common::Deadline deadline);
  [[nodiscard]] Answer Refuse(const Batch& batch, const std::vector<Place>& places,
                              bool are_letters_placed);

  ClientSettings settings_;
  const common::Logger& log_;
  std::unique_ptr<LogReader> reader_;
  std::optional<int> dead_partitions_;
  std::set<Partition> aborted_;  ///< Carried by aborted transactions, and not seen stable since.
};

}  // namespace consumer
