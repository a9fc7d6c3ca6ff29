#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <array>
#include <string>

#include "common/kafka/client_config.h"
#include "common/kafka/handles.h"
#include "consumer/kafka/client_settings.h"
#include "consumer/kafka/source_consumer.h"

namespace consumer {
namespace {

/// Empty if the library does not know the property.
std::string PropertyOf(const rd_kafka_conf_t* conf, const char* name) {
  std::array<char, 64> value{};
  std::size_t size = value.size();
  if (rd_kafka_conf_get(conf, name, value.data(), &size) != RD_KAFKA_CONF_OK) return {};
  return value.data();
}

TEST(ClassicGroup, IsPinnedIfLibraryKnowsAnotherProtocol) {
  const common::kafka::Conf defaults(rd_kafka_conf_new());
  const bool is_known = !PropertyOf(defaults.get(), "group.protocol").empty();
  EXPECT_EQ(common::kafka::ClassicGroup().size(), is_known ? 1U : 0U);

  const common::Logger log("test", [](std::string_view /*line*/) {});
  ClientSettings settings;
  settings.properties = {{"bootstrap.servers", "127.0.0.1:1"}};
  settings.group = "g";
  settings.instance = "i-0";
  const auto source = SourceConsumer::Create(settings, log);
  ASSERT_TRUE(source) << source.error().detail;
  EXPECT_EQ(PropertyOf(rd_kafka_conf((*source)->client()), "group.protocol"),
            is_known ? "classic" : "");
}

}  // namespace
}  // namespace consumer
