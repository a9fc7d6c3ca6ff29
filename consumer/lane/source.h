#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/error.h"
#include "consumer/lane/group_membership.h"
#include "consumer/lane/records.h"

namespace consumer {

/// What a Source tells its lane, on the lane's thread and from within Poll() or Close().
class SourceListener {
 public:
  virtual ~SourceListener() = default;

  /// The whole assignment. Every partition of it stands still until Start().
  virtual void Assigned(const std::vector<Partition>& partitions) = 0;

  /// The whole assignment ends when this call returns. `is_lost`: it has ended already, others may
  /// own the partitions, and no commit can succeed any more.
  virtual void Revoked(bool is_lost) = 0;

  /// False: take in no more for now.
  virtual bool Take(const ArrivedRecord& record) = 0;

  /// Every record of the partition below `offset` was handed over, and there is none at or above it
  /// yet. Control records, which nobody is handed, count.
  virtual void AtEnd(Partition partition, Offset offset) = 0;
};

/// The group's view of `callbacks`.
///
/// Threads: confined to the lane.
class Source {
 public:
  virtual ~Source() = default;

  /// Readable when Poll() may have something to do. Read by Poll(), by nobody else.
  [[nodiscard]] virtual int fd() const = 0;

  /// Serves rebalances and hands over what has arrived, at most `max_records`. True if more is
  /// there already.
  virtual bool Poll(SourceListener& listener, int max_records) = 0;

  /// Reading of the partition is to go on at `offset`, whether it is paused or not. False: not
  /// possible yet, to be tried again.
  [[nodiscard]] virtual bool Seek(Partition partition, Offset offset) = 0;
  /// What a pause drops from the read-ahead is read again. Only what Pause() or an assignment
  /// stopped may be resumed.
  virtual void Pause(const std::vector<Partition>& partitions) = 0;
  virtual void Resume(const std::vector<Partition>& partitions) = 0;

  /// To be asked for anew for each commit. None while the assignment is lost.
  [[nodiscard]] virtual std::optional<GroupMembership> Membership() const = 0;

  enum class MemberName {
    kSame,   ///< The group gives a static member back what it had.
    kFresh,  ///< The group shares out its partitions anew; the old name lasts for a session.
  };
  /// Leaves the assignment, if there is one (Revoked is called), and joins with a new client: for
  /// what only a new client cures.
  virtual void Renew(SourceListener& listener, MemberName name) = 0;

  /// Set once the member can never read again: its name is another's ("fenced"), or its client is
  /// broken. Renew() takes it back.
  [[nodiscard]] virtual std::optional<common::Error> failure() const = 0;

  /// Whether a join of its own, which it has given up, may still have fenced it: what the group says
  /// of it is the same as of another instance.
  [[nodiscard]] virtual bool MayHaveFencedItself() const = 0;

  /// Leaves the assignment (Revoked is called) but, as a static member, not the group.
  virtual void Close(SourceListener& listener) = 0;
};

}  // namespace consumer
