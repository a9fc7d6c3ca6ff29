#include "tests/soak/replayed.h"

#include <algorithm>

#include "common/domain/record_headers.h"

namespace soak {

void Replayed::Count(const tests::Record& record) {
  keys_.insert(record.key.value_or(""));
  const auto text = common::LastHeader(record.headers, common::header::kReceivedAt);
  const auto received = text ? common::ParseRfc3339(*text) : std::nullopt;
  const common::WallTime appended{std::chrono::milliseconds(record.timestamp_ms)};
  if (!received || *received > kafka_was_there_ || appended <= kafka_was_there_) return;
  Backlog& backlog = record.partition == dead_partition_ ? dead_ : healthy_;
  ++backlog.count;
  backlog.last_after = std::max(backlog.last_after, appended - kafka_was_there_);
}

}  // namespace soak
