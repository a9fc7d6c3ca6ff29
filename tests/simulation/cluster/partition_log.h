#pragma once

#include <deque>

#include "tests/simulation/cluster/protocol.h"

namespace simulation {

enum class Fate { kOpen, kCommitted, kAborted };

/// A record or a control record, as it stands in a log.
struct Entry {
  Offset offset = 0;
  bool is_control = false;
  Fate fate = Fate::kCommitted;
  ProducerId producer = -1;
  /// For the judges only; no broker knows it: which transaction of its coordinator it was sent in.
  std::uint64_t transaction = 0;
  WallTime time{};
  std::string key;
  std::string value;
  common::RecordHeaders headers;
};

/// The log of one partition, as its leader has it.
class PartitionLog {
 public:
  [[nodiscard]] Offset begin() const { return begin_; }
  [[nodiscard]] Offset end() const { return begin_ + static_cast<Offset>(entries_.size()); }
  /// The last stable offset: where the first open transaction begins, or the end.
  [[nodiscard]] Offset stable_end() const;
  /// Precondition: begin <= offset < end.
  [[nodiscard]] const Entry& At(Offset offset) const {
    return entries_[static_cast<std::size_t>(offset - begin_)];
  }
  [[nodiscard]] Offset FirstAt(WallTime time) const;

  void Append(Entry entry);

  [[nodiscard]] bool IsOpen(ProducerId id) const;
  /// Records of one request; sequence numbers count records, from 0 in each epoch.
  [[nodiscard]] Code AppendTransactional(Producer producer, int sequence, std::vector<Entry> batch);
  /// A control record. Ends every open record of that producer, whatever transaction it was of.
  /// Returns the offsets of those.
  [[nodiscard]] std::vector<Offset> End(Producer producer, bool is_commit, WallTime now);

  void DeleteBefore(Offset offset);
  /// A crash loses the records from `offset` on; from 0 on, all, as if the log had been made anew.
  void Truncate(Offset offset);
  /// How often that has happened: what leaders' epochs tell clients (KIP-320).
  [[nodiscard]] std::size_t cuts() const { return cuts_.size(); }
  /// Where the log ended after the lowest cut from the given one on. None: it was not cut since.
  [[nodiscard]] std::optional<Offset> LowestCutSince(std::size_t cut) const;
  void Recreate();

 private:
  struct State {
    int epoch = -1;
    int next_sequence = 0;
    std::optional<Offset> open_at;
  };
  Offset begin_ = 0;
  std::deque<Entry> entries_;
  std::map<ProducerId, State> producers_;
  std::vector<Offset> cuts_;
};

}  // namespace simulation
