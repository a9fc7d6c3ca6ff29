#include "common/http/timing.h"

#include <algorithm>

namespace common::http {

Timing::TimePoint Timing::AnswerDue(const ServerOptions& options) const {
  return first_byte + options.answer_deadline;
}

Timing::TimePoint Timing::HeadDue(const ServerOptions& options) const {
  return std::min(std::max(first_byte, idle_since) + options.header_timeout, AnswerDue(options));
}

Timing::TimePoint Timing::BodyDue(const ServerOptions& options) const {
  return std::min(head_at + options.body_timeout, AnswerDue(options));
}

Timing::TimePoint Timing::SkippedBodyDue(const ServerOptions& options) const {
  return head_at + options.body_timeout;
}

Timing::TimePoint Timing::IdleDue(const ServerOptions& options,
                                  std::optional<TimePoint> latest) const {
  const TimePoint due = idle_since + (has_asked ? options.idle_timeout : options.header_timeout);
  return latest ? std::min(due, *latest) : due;
}

}  // namespace common::http
