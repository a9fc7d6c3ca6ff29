#include "ingest/policy/drain.h"

#include <algorithm>

namespace ingest {

std::chrono::milliseconds TimeToSpool(const Load& waiting, std::chrono::milliseconds longest) {
  using std::chrono::microseconds;
  constexpr std::chrono::milliseconds kForOne{700};
  constexpr microseconds kForEach{100};
  constexpr std::size_t kBytesAMillisecond = std::size_t{32} * 1024 * 1024 / 1000;
  const auto for_requests =
      microseconds(kForEach.count() * static_cast<microseconds::rep>(waiting.requests));
  const auto for_bytes = std::chrono::milliseconds(waiting.bytes / kBytesAMillisecond);
  return std::min(
      longest,
      kForOne + std::chrono::duration_cast<std::chrono::milliseconds>(for_requests) + for_bytes);
}

common::Deadline ShareOfKafka(common::Deadline::Clock::time_point now, common::Deadline deadline) {
  return deadline.at() <= now ? deadline : common::Deadline(now + (deadline.at() - now) / 2);
}

common::Deadline ShareOfSpool(common::Deadline::Clock::time_point begun,
                              common::Deadline::Clock::time_point now, common::Deadline deadline) {
  return common::Deadline(std::max(deadline.at(), now + (deadline.at() - begun) / 2));
}

}  // namespace ingest
