#pragma once

#include <functional>
#include <optional>
#include <string>

#include "common/base/rfc3339.h"
#include "common/domain/fetch_effort.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/fetch/fetch_settings.h"
#include "consumer/lane/completion.h"
#include "consumer/lane/lane_events.h"
#include "consumer/lane/pending_callbacks.h"

namespace consumer {

/// Makes what becomes of a callback: a result, a dead letter, or neither.
///
///   its facts say        its fetch ended with     becomes
///   reject                                        dead letter `malformed`
///   publish                                       result: the event itself
///   ignore                                        neither
///   fetch                documents                result
///   fetch                a reason                 dead letter
///
/// A dead letter is reported when it is made. Threads: confined to the lane.
class CompletionMaker {
 public:
  struct Settings {
    std::string callbacks_topic = {};
    PublishMode publish = PublishMode::kFull;
  };
  CompletionMaker(Settings settings, LaneEvents& events,
                  std::function<common::WallTime()> wall_now);

  /// By its facts alone. None: its documents must be fetched.
  [[nodiscard]] std::optional<Completion> ByFacts(JobId id, const PendingCallback& callback) const;
  [[nodiscard]] Completion ByFetch(const PendingCallback& callback, FetchResult result) const;
  /// The dead letter of a callback whose result its topic refuses.
  [[nodiscard]] OutgoingRecord LetterOfRefused(const Completion& completion,
                                               const PendingCallback& callback) const;

 private:
  [[nodiscard]] OutgoingRecord Letter(const PendingCallback& callback, common::FetchEffort effort,
                                      Unfetchable why) const;

  Settings settings_;
  LaneEvents& events_;
  std::function<common::WallTime()> wall_now_;
};

}  // namespace consumer
