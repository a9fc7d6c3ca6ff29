#pragma once

#include <cstddef>
#include <string_view>

#include "ingest/policy/answer.h"

namespace ingest {

/// Reports what happens on the route of announcements.
///
/// Threads: any.
class ExpectedEvents {
 public:
  virtual ~ExpectedEvents() = default;

  /// The announcements of a request that was answered 200.
  virtual void ExpectedStored(std::size_t announcements) = 0;
  /// A request that was not answered 200.
  virtual void ExpectedNotStored(Situation situation, int status) = 0;
  virtual void ExpectedTopicIsAccepting() = 0;
  virtual void ExpectedTopicIsAway(std::string_view why) = 0;
};

}  // namespace ingest
