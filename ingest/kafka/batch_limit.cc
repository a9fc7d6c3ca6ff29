#include "ingest/kafka/batch_limit.h"

#include <algorithm>

namespace ingest {

void BatchLimit::SetTopicLimit(std::optional<std::size_t> bytes) {
  if (!bytes || bytes == topic_takes_) return;
  topic_takes_ = bytes;
  limit_ = std::clamp(*bytes, std::min(kSmallest, wanted_), wanted_);
}

bool BatchLimit::Refused(std::size_t record, std::size_t limit) {
  if (record >= limit || limit <= kSmallest) return true;
  // Another record of the same batch may have halved it already.
  limit_ = std::min(limit_, std::max(limit / 2, kSmallest));
  return false;
}

}  // namespace ingest
