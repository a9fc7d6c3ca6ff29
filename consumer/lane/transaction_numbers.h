#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/number.h"
#include "common/base/rfc3339.h"

namespace consumer {

// The number of a transaction: its begin in microseconds since the epoch, or one more than the last
// number of its transactional.id, whichever is greater. It always grows, even across restarts:
// after the clock was set back, the numbers in the offsets keep it growing.
//
// Results, markers and dead letters carry it in the header `transaction`, offsets in their
// metadata. The header `instance` beside it has the transactional.id.

/// Numbers the transactions of one transactional.id.
///
/// Threads: any.
class TransactionNumbers {
 public:
  [[nodiscard]] std::uint64_t Next(common::WallTime now) {
    constexpr std::int64_t kMicrosecondsEach = 1'000;
    const std::int64_t time = std::max<std::int64_t>(0, now.time_since_epoch().count());
    const auto begun_at = static_cast<std::uint64_t>(time * kMicrosecondsEach);
    std::uint64_t last = last_.load();
    std::uint64_t next = 0;
    do {
      next = std::max(last + 1, begun_at);
    } while (!last_.compare_exchange_weak(last, next));
    return next;
  }

  /// A transaction with that number was seen: the next number is higher. Ignores an invalid number.
  void HasSeen(std::string_view number) {
    const std::uint64_t seen = common::ParseNumber<std::uint64_t>(number).value_or(0);
    std::uint64_t last = last_.load();
    while (last < seen && !last_.compare_exchange_weak(last, seen)) {
    }
  }

 private:
  std::atomic<std::uint64_t> last_{0};
};

}  // namespace consumer
