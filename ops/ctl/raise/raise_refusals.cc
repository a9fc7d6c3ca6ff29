#include "ops/ctl/raise/raise_refusals.h"

namespace ctl {

std::optional<std::string> WhyWaitingForbids(const WaitingCallbacks& waiting, bool is_resumed,
                                             bool must_know_all) {
  if (!is_resumed && waiting.count > 0) {
    return std::to_string(waiting.count) +
           " callbacks are not handled yet: let consumer finish, without new ones from ingest, and "
           "stop it then";
  }
  if (waiting.misplaced > 0 && must_know_all) {
    return std::to_string(waiting.misplaced) +
           " callbacks wait in partitions that the new number does not give them: an ingest ran "
           "that knew the old number, or partitions were added by other means; --forget-old if "
           "redeliveries of them may be published twice";
  }
  return std::nullopt;
}

std::string WhyForgottenForbid(std::int64_t markers, common::WallTime until) {
  return std::to_string(markers) +
         " markers do not say where they belong, since an older release has written them: repeat "
         "the command after " +
         common::FormatRfc3339(until) +
         ", or with --forget-old if their callbacks may be published twice";
}

}  // namespace ctl
