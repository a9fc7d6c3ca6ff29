#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "common/tracing/span.h"
#include "consumer/fetch/account.h"
#include "consumer/fetch/attempt_result.h"
#include "consumer/policy/transport_fault.h"

namespace consumer {

/// One request to the API.
struct Attempt {
  common::tracing::SpanId span;
  common::tracing::SpanTime start{};
  common::tracing::SpanTime end{};  ///< Equals the start until it has ended.
  Resource resource = Resource::kProcess;
  AttemptResult result = AttemptResult::kError;
  TransportFault fault = TransportFault::kNone;
  int status = 0;  ///< 0: no answer.
  int resend = 0;  ///< Earlier requests for this resource.
  AccountIndex account = kAssureAccount;
};

/// The first and the last requests of one job, so that a day of retries takes no more memory than a
/// few of them.
class AttemptLog {
 public:
  static constexpr std::size_t kFirst = 8;
  static constexpr std::size_t kLast = 8;

  void Started(Attempt attempt) {
    attempt.resend = resends_.at(static_cast<std::size_t>(attempt.resource))++;
    attempt.end = attempt.start;
    if (attempts_.size() == kFirst + kLast) {
      attempts_.erase(attempts_.begin() + kFirst);
      ++omitted_;
    }
    attempts_.push_back(attempt);
    is_under_way_ = true;
  }
  /// Of the last one that was started.
  void Ended(AttemptResult result, TransportFault fault, int status,
             std::chrono::nanoseconds elapsed) {
    if (!std::exchange(is_under_way_, false)) return;
    Attempt& attempt = attempts_.back();
    attempt.end = attempt.start + elapsed;
    attempt.result = result;
    attempt.fault = fault;
    attempt.status = status;
  }

  [[nodiscard]] const std::vector<Attempt>& kept() const { return attempts_; }
  [[nodiscard]] int omitted() const { return omitted_; }

 private:
  std::vector<Attempt> attempts_;
  std::array<int, 3> resends_{};  ///< By resource.
  int omitted_ = 0;
  bool is_under_way_ = false;
};

}  // namespace consumer
