// common/kafka/record_codec.h for messages of the model: `_private` points to the Entry.
#include "common/kafka/record_codec.h"

#include "tests/simulation/cluster/partition_log.h"

namespace common::kafka {
namespace {

const simulation::Entry& EntryOf(const rd_kafka_message_t& message) {
  return *static_cast<const simulation::Entry*>(message._private);
}

}  // namespace

RecordHeaders HeadersOf(const rd_kafka_message_t& message) { return EntryOf(message).headers; }

void ViewHeaders(const rd_kafka_message_t& message, HeaderViews& headers) {
  headers.clear();
  for (const RecordHeader& header : EntryOf(message).headers) {
    headers.push_back({header.name, header.value});
  }
}

std::string_view KeyOf(const rd_kafka_message_t& message) { return EntryOf(message).key; }
std::string_view ValueOf(const rd_kafka_message_t& message) { return EntryOf(message).value; }
std::optional<WallTime> TimestampOf(const rd_kafka_message_t& message) {
  return EntryOf(message).time;
}

}  // namespace common::kafka
