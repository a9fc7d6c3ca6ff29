#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/base/deadline.h"
#include "ingest/spool/refused_callbacks.h"
#include "ingest/spool/replay.h"
#include "ingest/spool/sequence_set.h"
#include "ingest/spool/spool_database.h"
#include "ingest/spool/spool_inbox.h"
#include "ingest/spool/spool_writer.h"

namespace ingest {

class SpoolEvents;

/// Moves callbacks that Kafka refuses from the spool to the file beside it, and back once they are
/// marked for a retry.
///
/// Each move syncs the destination before it removes the callback from the source. After a crash in
/// between, both have it, and the repeated move finds it there.
///
/// Threads: confined to the spool's.
class RefusedKeeper {
 public:
  RefusedKeeper(const SpoolDatabase::Options& spool, SpoolEvents& events);

  void Add(const std::vector<Replay::Refused>& refused);

  /// The number of added callbacks that are not in the file yet.
  [[nodiscard]] std::size_t waiting() const;
  /// Call when the spool's file was reopened or replaced: rows up to `gone` are not in it.
  /// Callbacks moved back into the old file may be lost with it, so their copies here stay.
  void StartOver(std::int64_t gone);

  /// True if Keep() has work: after Add(), and after Maintain() for a retry.
  [[nodiscard]] bool must_keep() const { return must_try_ && !waiting_.empty(); }
  /// Writes added callbacks to the file. Returns the rows that are in it now, for removal from the
  /// spool. Ends at the deadline, but tries some first.
  [[nodiscard]] std::vector<std::int64_t> Keep(SpoolWriter& spool, common::Deadline deadline);

  /// Call each second: counts the file, and moves marked callbacks back if the spool has room.
  void Maintain(SpoolWriter& spool, SpoolInbox& inbox);

 private:
  /// Rows in the spool, by reason.
  using Rows = std::map<std::string, SequenceSet>;
  struct Batch {
    std::string reason;
    std::vector<std::int64_t> rows{};
    std::vector<RefusedCallback> callbacks{};
    std::vector<std::int64_t> kept{};    ///< The rows of these.
    std::vector<std::int64_t> unread{};  ///< To retry, after all others.
  };
  [[nodiscard]] Batch ReadBatch(SpoolWriter& spool);
  void Passed(const Batch& batch);
  void MoveBack(SpoolWriter& spool, SpoolInbox& inbox);
  void Publish();
  void Retain(const std::vector<RefusedCallback>& refused_again);
  [[nodiscard]] bool ForgetMovedBack();

  RefusedCallbacks file_;
  SpoolEvents& events_;
  Rows waiting_;
  Rows unread_;  ///< Tried before the others.
  bool must_try_ = false;
  std::vector<std::string>
      moved_back_;  ///< Request ids that are in the spool again and still in the file.
};

}  // namespace ingest
