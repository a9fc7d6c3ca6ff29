#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/error.h"
#include "consumer/lane/group_membership.h"
#include "consumer/lane/records.h"

namespace consumer {

/// The source's messages to its lane, on the lane's thread, within Poll(), Renew() or Close().
class SourceListener {
 public:
  virtual ~SourceListener() = default;

  /// The whole assignment. Every partition is paused until Seek() and Resume().
  virtual void Assigned(const std::vector<Partition>& partitions) = 0;

  /// The whole assignment ends when this call returns. `is_lost`: it has ended already, others may
  /// own the partitions, and no commit can succeed.
  virtual void Revoked(bool is_lost) = 0;

  /// False: deliver no more for now.
  virtual bool Take(const ArrivedRecord& record) = 0;

  /// Every record of the partition below `offset` was delivered, and there is none at or above it
  /// yet. Counts control records, which are never delivered.
  virtual void AtEnd(Partition partition, Offset offset) = 0;

  /// The log does not have the position where reading has come: its end was cut off, or its
  /// beginning has passed it. The client delivers nothing more of the partition, and cannot seek in
  /// it.
  virtual void PositionRefused(Partition partition) = 0;
};

/// Why a group may have fenced a member although no other instance has its name: it gives the same
/// answer in all cases.
enum class FencingDoubt {
  kNone,           ///< Another instance has joined under the name.
  kLateJoin,       ///< A join that the member had abandoned may have taken effect.
  kForgottenJoin,  ///< The coordinator may have forgotten the member's last join.
};

/// The group's view of `callbacks`.
///
/// Threads: confined to the lane.
class Source {
 public:
  virtual ~Source() = default;

  /// Readable when Poll() may have work. Only Poll() reads it.
  [[nodiscard]] virtual int fd() const = 0;

  /// Serves rebalances and delivers at most `max_records` records that have arrived. True if more
  /// have arrived.
  virtual bool Poll(SourceListener& listener, int max_records) = 0;

  /// Continues reading the partitions at these offsets, whether they are paused or not. Returns
  /// those for which that worked; try the others again. May block for a second, however many they
  /// are.
  [[nodiscard]] virtual std::set<Partition> Seek(const std::map<Partition, Offset>& offsets) = 0;
  /// A pause drops the read-ahead, which is read again later. Resume only partitions that Pause()
  /// or an assignment stopped.
  virtual void Pause(const std::vector<Partition>& partitions) = 0;
  virtual void Resume(const std::vector<Partition>& partitions) = 0;

  /// Call anew for each commit. None while the assignment is lost.
  [[nodiscard]] virtual std::optional<GroupMembership> Membership() const = 0;

  enum class MemberName {
    kSame,   ///< The group gives a static member its former partitions back.
    kFresh,  ///< The group assigns its partitions anew; the old name lasts for a session.
  };
  /// Leaves the assignment, if any (calls Revoked), and joins with a new client. For faults that
  /// only a new client cures.
  virtual void Renew(SourceListener& listener, MemberName name) = 0;

  /// Set once the member can never read again: its name is another's ("fenced"), or its client is
  /// broken. Renew() clears it.
  [[nodiscard]] virtual std::optional<common::Error> failure() const = 0;

  /// About the failure "fenced".
  [[nodiscard]] virtual FencingDoubt fencing_doubt() const = 0;

  /// Leaves the assignment (calls Revoked) but, as a static member, not the group.
  virtual void Close(SourceListener& listener) = 0;
};

}  // namespace consumer
