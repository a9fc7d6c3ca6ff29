#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ingest/spool/refused_callbacks.h"
#include "ingest/spool/replay.h"
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

  void Add(std::vector<Replay::Refused> refused);

  /// What Add() was told and what is not in the file yet.
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  /// They are offered again: the file was opened anew, or is another one. What was moved back into
  /// it may be gone with it, so the copies here stay.
  void Forget() {
    waiting_.clear();
    moved_back_.clear();
  }

  /// Those that are in their own file now, to be removed from the spool. At once after Add(), and
  /// after Maintain(), when it is tried again.
  [[nodiscard]] std::vector<Replay::Done> Keep(SpoolWriter& spool);

  /// To be called each second: counts, and moves back what is marked where the spool takes it.
  void Maintain(SpoolWriter& spool, SpoolInbox& inbox);

 private:
  struct Batch {
    std::size_t count = 0;  ///< Of those that wait, the first.
    std::vector<RefusedCallback> callbacks{};
    std::vector<Replay::Done> kept{};       ///< Of each of these.
    std::vector<Replay::Refused> unread{};  ///< To be tried again, behind the others.
  };
  [[nodiscard]] Batch ReadBatch(SpoolWriter& spool);
  void MoveBack(SpoolWriter& spool, SpoolInbox& inbox);
  void Publish();
  void Retain(const std::vector<RefusedCallback>& refused_again);
  [[nodiscard]] bool ForgetMovedBack();

  RefusedCallbacks file_;
  SpoolEvents& events_;
  std::vector<Replay::Refused> waiting_;
  bool must_try_ = false;
  std::vector<std::string>
      moved_back_;  ///< Request ids: in the spool again, and still in the file.
};

}  // namespace ingest
