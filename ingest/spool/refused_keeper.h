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

/// Moves callbacks that Kafka refuses out of the spool into the file beside it, and back where
/// somebody has marked them for a retry.
///
/// Each move is written to its destination, synced, before it leaves the other file. A crash in
/// between leaves it in both; the second move then finds it there already.
///
/// Threads: confined to the spool's.
class RefusedKeeper {
 public:
  RefusedKeeper(const SpoolDatabase::Options& spool, SpoolEvents& events);

  void Add(const std::vector<Replay::Refused>& refused);

  /// What Add() was told and what is not in the file yet.
  [[nodiscard]] std::size_t waiting() const;
  /// The spool's file was opened anew, or is another one: rows up to `gone` are not in it. What was
  /// moved back into it may be gone too, so the copies here stay.
  void StartOver(std::int64_t gone);

  /// Whether Keep() has something to do: after Add(), and after Maintain(), when it is tried again.
  [[nodiscard]] bool must_keep() const { return must_try_ && !waiting_.empty(); }
  /// Those that are in their own file now, to be removed from the spool. Ends at the deadline, but
  /// not before it has tried some.
  [[nodiscard]] std::vector<std::int64_t> Keep(SpoolWriter& spool, common::Deadline deadline);

  /// To be called each second: counts, and moves back what is marked where the spool takes it.
  void Maintain(SpoolWriter& spool, SpoolInbox& inbox);

 private:
  /// In the spool, for each reason.
  using Rows = std::map<std::string, SequenceSet>;
  struct Batch {
    std::string reason;
    std::vector<std::int64_t> rows{};
    std::vector<RefusedCallback> callbacks{};
    std::vector<std::int64_t> kept{};    ///< Of these the rows.
    std::vector<std::int64_t> unread{};  ///< To be tried again, after all others.
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
      moved_back_;  ///< Request ids: in the spool again, and still in the file.
};

}  // namespace ingest
