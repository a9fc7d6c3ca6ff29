#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/deadline.h"
#include "common/telemetry/log.h"
#include "consumer/kafka/client_settings.h"
#include "consumer/kafka/log_reader.h"
#include "consumer/kafka/partition_count.h"
#include "consumer/kafka/pending_offsets.h"
#include "consumer/kafka/renewed_reader.h"
#include "consumer/lane/committer.h"

namespace consumer {

/// Lets a transaction begin only if no earlier one is open on its partitions. Kafka can forget to
/// end a transaction on some partitions, and the next transaction of the same producer on such a
/// partition ends it there, with its own outcome: an aborted batch would become visible, or a
/// committed one vanish.
///
///   processes, seen   only the owner of the source partition writes there: every transaction on it
///                     must have ended. Also for a batch that carries nothing but the partition's
///                     offset, which would replace the one that tells how the open one was decided
///   dead              shared: a letter goes to a partition without an open transaction, if need be
///                     another one than its key's
///   offsets           none of an aborted transaction, and none of a former producer, may be pending
///
/// Threads: confined to the committer's.
class PublishGate {
 public:
  PublishGate(ClientSettings settings, const common::Logger& log)
      : settings_(std::move(settings)),
        reader_(settings_, log),
        dead_partitions_(settings_.topics.dead) {}

  enum class State {
    kClean,
    kNobodyAnswers,
    kNotClean,        ///< A transaction is open.
    kUnavailable,     ///< Some partitions do not answer, but brokers do.
    kOffsetsPending,  ///< Of an aborted transaction, or tried; a new producer ends them.
  };
  struct Answer {
    State state = State::kClean;
    std::string detail;  ///< For people.
    /// The source partitions with an open transaction. kOffsetsPending: the ones that were tried.
    std::set<Partition> open = {};
    /// kUnavailable: the records that have no available partition. The others could be sent.
    std::vector<Refusal> refusals;
  };
  /// Waits until every partition of the batch is clean, and chooses the partitions of its dead
  /// letters. Calls `beat` often.
  [[nodiscard]] Answer Await(Batch& batch, common::Deadline deadline,
                             const std::function<void()>& beat);

  [[nodiscard]] PendingOffsets& offsets() { return offsets_; }

 private:
  struct Place {
    std::string topic;
    std::set<Partition> written;  ///< By the batch; of the others it carries the offset.
    std::set<Partition> missing;  ///< Not seen clean yet.
    Offsets open;                 ///< Of these, at the last look that was answered.
    bool is_answered = false;
  };
  [[nodiscard]] std::vector<Place> PlacesOf(const Batch& batch) const;
  void Look(Place& place, common::Deadline deadline);
  void PassSilent(std::vector<Place>& places, common::Deadline deadline);
  /// True if each dead letter has a partition.
  bool PlaceLetters(Batch& batch, bool may_go_elsewhere, common::Deadline deadline);
  bool AreOffsetsStable(common::Deadline deadline);
  [[nodiscard]] Answer Refuse(const Batch& batch, const std::vector<Place>& places,
                              bool are_letters_placed);

  ClientSettings settings_;
  RenewedReader reader_;
  PartitionCount dead_partitions_;
  PendingOffsets offsets_;
  /// Those that have not answered, and when to ask them again. Asking costs seconds, for a batch
  /// that writes nothing there.
  std::map<std::pair<std::string, Partition>, common::Deadline> silent_;
};

}  // namespace consumer
