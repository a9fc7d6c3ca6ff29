#pragma once

#include <chrono>

namespace common {

/// How consumer watches for callbacks that never come.
struct ExpectedSettings {
  std::chrono::milliseconds within = std::chrono::hours(1);  ///< Until a callback is due.
  std::chrono::seconds max_wait = std::chrono::hours(24);    ///< Until it is given up.
  double rate = 5;                                           ///< Processes asked for, per second.

  /// An announced process is held for a day longer if the API cannot be asked. Announcements are
  /// read, kept in Kafka, and compared with what was handled, for that long.
  [[nodiscard]] std::chrono::seconds reach() const { return max_wait + std::chrono::hours(24); }
};

}  // namespace common
