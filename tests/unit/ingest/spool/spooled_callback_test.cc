#include "ingest/spool/spooled_callback.h"

#include <gtest/gtest.h>

#include "common/domain/callback_record.h"

namespace ingest {
namespace {

using common::Envelope;

std::size_t SizeOfRecord(const Envelope& envelope) {
  std::size_t size = envelope.key.size() + envelope.body.size();
  for (const common::RecordHeader& header : common::HeadersOf(envelope)) {
    size += header.name.size() + header.value.size();
  }
  return size;
}

TEST(SpooledCallback, CountsForWhatItsRecordHas) {
  Envelope whole{.key = "key",
                 .body = "body",
                 .provider = "paper",
                 .received_at = common::WallTime(std::chrono::milliseconds(1'700'000'000'123)),
                 .request_id = "request",
                 .content_type = "application/json",
                 .traceparent = "00-trace",
                 .spooled = true};
  for (unsigned without = 0; without < 16; ++without) {
    Envelope envelope = whole;
    if ((without & 1U) != 0) envelope.provider.clear();
    if ((without & 2U) != 0) envelope.content_type.reset();
    if ((without & 4U) != 0) envelope.traceparent.reset();
    envelope.spooled = (without & 8U) == 0;
    EXPECT_EQ(SizeInSpool(envelope), SizeOfRecord(envelope)) << "without " << without;
  }
  for (const common::WallTime time : {common::WallTime::min(), common::WallTime::max()}) {
    whole.received_at = time;
    EXPECT_EQ(SizeInSpool(whole), SizeOfRecord(whole));
  }
}

}  // namespace
}  // namespace ingest
