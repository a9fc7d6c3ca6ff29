#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "consumer/lane/lane_events.h"
#include "tests/simulation/cluster/cluster.h"
#include "tests/simulation/cluster/watch.h"

namespace simulation {

/// The row with `fetch: none`. Its events have the fact's name as id, as the first member.
inline constexpr std::string_view kHookRow = "hooks";

/// Watches the brokers, and says what must never be seen there.
///
///   result, dead letter   each fact has one, and one marker, in the eyes of a read_committed reader
///   transaction           is visible as a whole or not at all, as the coordinator decided
///   offset                never passes a record that is not disposed of; never goes back
///   hand-over             nothing that an earlier owner has left open becomes visible later
///   result                belongs to the process that it names
///   event without fetch   its result contains it, and the API's answers make it no dead letter
///   announced process     has at most one result, with or without callback, and not before it is
///                         finished; a callback that came in time is waited for
///   log                   one that lost its end, or records that nobody has read, is told of
class Judge final : public ClusterWatch {
 public:
  void Attach(Runtime& runtime, Cluster& cluster) {
    runtime_ = &runtime;
    cluster_ = &cluster;
  }

  /// A callback was written; facts are told apart by the text.
  void Arrived(int partition, Offset offset, const std::string& fact);
  /// The fact of a result or dead letter; its key unless said otherwise.
  std::function<std::string(const Entry& entry)> fact_of = [](const Entry& entry) {
    return entry.key;
  };
  // `callbacks` is about to lose records. Those of which none is left may be lost.
  void Truncated(int partition, Offset end);
  void Expired(int partition, Offset begin);
  void Recreated(int partition);

  // Of announced processes.
  /// Before its first announcement is written.
  void WillBeAnnounced(const std::string& process, Time finished_at);
  void Announced(int partition, Offset offset, const std::string& process, bool is_taken_back);
  /// `callbacks.expected` is about to lose records.
  void ExpectedTruncated(int partition, Offset end);

  // The reports of lanes.
  void StoppedWaiting(const consumer::ExpectedReport& report);
  void Restored(int partition, Offset start, const Member& member);
  void WentBack(int partition);
  void ExpiredUnread(int partition, Offset from, Offset to);

  void Written(Place place, const Entry& entry) override;
  void Ended(Place place, const Entry& entry) override;
  void Decided(std::uint64_t transaction, bool is_commit) override;
  void OffsetCommitted(int partition, const Committed& committed) override;

  void Blame(const std::string& what);

  /// Facts that arrived before that time, are not lost, and are not disposed of for readers.
  [[nodiscard]] std::vector<std::string> Undisposed(Time before) const;
  /// The same, of which no transaction that was decided disposes.
  [[nodiscard]] std::vector<std::string> Unhandled(Time before) const;
  /// Announced processes that should have a result and have none.
  [[nodiscard]] std::vector<std::string> Owed() const;
  [[nodiscard]] std::size_t announced() const { return announced_.size(); }
  [[nodiscard]] std::size_t reconciled() const;
  [[nodiscard]] std::size_t lost() const { return lost_; }
  bool clocks_are_right = true;
  bool has_big_records = false;

  /// Events on logs that a lane should have reported, and did not.
  [[nodiscard]] std::vector<std::string> Untold() const;
  [[nodiscard]] std::size_t facts() const { return facts_.size(); }
  [[nodiscard]] std::size_t disposed() const;
  /// How many results and dead letters readers see of it; none of its callbacks may be left.
  [[nodiscard]] int DisposalsOf(const std::string& fact) const {
    return facts_.at(fact).results + facts_.at(fact).letters;
  }
  [[nodiscard]] bool IsLost(const std::string& fact) const { return facts_.at(fact).is_lost(); }
  /// The place of the callback that a result or dead letter names.
  [[nodiscard]] static std::pair<int, Offset> SourceOf(Place place, const Entry& entry);
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }

 private:
  struct Fact {
    Time arrived_at{};
    int results = 0;
    int letters = 0;
    std::vector<std::pair<Place, Offset>> written =
        {};                                           ///< Results and dead letters, visible or not.
    std::set<std::pair<int, Offset>> callbacks = {};  ///< Where it stands,
    std::set<std::pair<int, Offset>> ever = {};       ///< or has stood.
    [[nodiscard]] bool is_lost() const { return callbacks.empty(); }
  };
  struct Announcing {
    Time finished_at{};
    std::optional<Time> first_at = {};               ///< The first announcement was written.
    std::set<std::pair<int, Offset>> standing = {};  ///< Announcements that can be read.
    std::set<std::pair<int, Offset>> in_time = {};   ///< Callbacks that came before a look was due.
    bool is_taken_back = false;                      ///< By the last one.
    bool was_taken_back = false;                     ///< By any.
    int told = 0;                                    ///< How often lanes have counted its result.
    bool is_reconciled = false;                      ///< Its visible result has no callback.
  };
  struct Range {
    int partition = 0;
    Offset from = 0;
    Offset to = 0;
    Time at{};
    std::string fact;
  };

  void JudgeReconciled(const Entry& entry, const std::string& where);
  void JudgeLook(const Entry& entry);
  void JudgeHook(Place place, const Entry& entry, const std::string& where);
  void JudgeLetter(const Entry& entry, const std::string& where);
  [[nodiscard]] Fact* FactOf(const Entry& entry);
  void ForgiveUnwitnessed(int partition, Offset cut, Offset start);
  void ForgiveExpired(int partition);
  void ForgivePassed(int partition);
  /// The callback at that offset is gone. Returns its fact.
  const std::string& Lose(std::map<std::pair<int, Offset>, std::string>::iterator callback);
  [[nodiscard]] bool IsDecided(const Entry& entry, bool is_commit) const;
  [[nodiscard]] bool IsDisposedOf(const Fact& fact) const;
  /// True if readers see no result and no marker of the transaction for that partition: Kafka has
  /// forgotten its end on both topics and for the offset. It was undone as a whole, and its
  /// callbacks are read again.
  [[nodiscard]] bool IsUndone(Place place, const Entry& entry) const;
  [[nodiscard]] bool HasCopy(Place place, const Entry& entry) const;

  Runtime* runtime_ = nullptr;
  Cluster* cluster_ = nullptr;
  std::map<std::string, Fact> facts_;
  std::map<std::pair<int, Offset>, std::string> callbacks_;
  std::map<std::string, int> markers_;  ///< Visible ones, by identity.
  std::map<std::uint64_t, bool> decisions_;
  std::map<int, Offset> committed_;
  std::set<std::pair<Place, Offset>> left_open_;  ///< By earlier owners, at a hand-over.
  // By partition.
  std::map<int, Offset> cut_;        ///< Offsets above mean nothing until a lane has restored it.
  std::map<int, Offset> must_tell_;  ///< Its log went back below the committed offset.
  std::set<int> has_gone_back_;
  std::set<int> is_told_;  ///< A lane has said so, and the group still has the former offset.
  std::map<std::string, Announcing> announced_;
  std::size_t lost_ = 0;
  std::vector<Range> expired_;  ///< Of facts of which no callback is left.
  std::vector<Range> told_;
  std::map<int, Offset> expired_until_;  ///< In any life of the log.
  std::vector<std::string> violations_;
};

}  // namespace simulation
