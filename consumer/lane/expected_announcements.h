#pragma once

#include <cstddef>
#include <functional>

#include "common/domain/expected_settings.h"
#include "consumer/fetch/account.h"
#include "consumer/lane/announcements.h"
#include "consumer/lane/callback_search.h"
#include "consumer/lane/lane_events.h"
#include "consumer/lane/outbox.h"
#include "consumer/lane/outstanding.h"
#include "consumer/policy/expected_policy.h"

namespace consumer {

/// Applies announcements. Each makes its process outstanding, ends it, or says nothing new.
///
///   forget the process                     ends it
///   its callback was handled afterwards    ends it, or is counted unless it is from before the restore
///   over by its policy                     ends it
///   anything else                          waits anew, for its first look
///
/// Threads: confined to the lane.
class ExpectedAnnouncements {
 public:
  struct Parts {
    Announcements& source;
    Outstanding& outstanding;
    const ExpectedPolicy& policy;
    LaneEvents& events;
    const AccountsOfRows& accounts;
    std::function<double()> unit_random;
  };
  /// `most`: outstanding processes. At it, nothing is taken in until a tenth is free.
  ExpectedAnnouncements(const common::ExpectedSettings& settings, std::size_t most, Parts parts)
      : settings_(settings), most_(most), parts_(std::move(parts)) {}

  /// The partitions to read are those outstanding.
  void Follow() { parts_.source.Follow(parts_.outstanding.Epochs()); }
  void TakeIn(const Moment& now, const Tasks& tasks);
  /// True if more wait to be taken in.
  [[nodiscard]] bool has_more() const { return has_more_; }
  void Clear() { has_more_ = false; }

 private:
  void TakeIn(const AnnouncementNews& news, const Moment& now, const Tasks& tasks);
  void TakeIn(const Announcement& announcement, const Task& task, const Moment& now);
  void Put(const Announcement& announcement, const Moment& now);
  void Report(const Announcement& announcement, ExpectedEnd end);

  common::ExpectedSettings settings_;
  std::size_t most_;
  Parts parts_;
  bool has_more_ = false;
  bool is_full_ = false;
};

}  // namespace consumer
