#include "common/kafka/record_codec.h"

#include <gtest/gtest.h>

namespace common::kafka {
namespace {

using namespace std::string_literals;

TEST(RecordCodec, KeepsTheOrderAndBytesOfHeaders) {
  const RecordHeaders headers = {{"a", "1"}, {"b", "\0\xFF"s}, {"a", ""}};
  const Headers converted = ToKafka(headers);
  ASSERT_EQ(rd_kafka_header_cnt(converted.get()), 3U);
  RecordHeaders back;
  for (std::size_t i = 0; i < 3; ++i) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    ASSERT_EQ(rd_kafka_header_get_all(converted.get(), i, &name, &value, &size), 0);
    back.push_back({name, std::string(static_cast<const char*>(value), size)});
  }
  EXPECT_EQ(back, headers);
}

TEST(RecordCodec, TreatsNullAsEmpty) {
  const rd_kafka_message_t message{};
  EXPECT_EQ(KeyOf(message), "");
  EXPECT_EQ(ValueOf(message), "");
}

TEST(RecordCodec, ViewsKeyAndValue) {
  std::string key = "k\0y"s;
  std::string value = "value";
  rd_kafka_message_t message{};
  message.key = key.data();
  message.key_len = key.size();
  message.payload = value.data();
  message.len = value.size();
  EXPECT_EQ(KeyOf(message), key);
  EXPECT_EQ(ValueOf(message), value);
}

}  // namespace
}  // namespace common::kafka
