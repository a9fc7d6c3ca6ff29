#include "ingest/instance/serve.h"

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include "ingest/events.h"
#include "ingest/instance/kafka_durability.h"
#include "ingest/instance/spooled_durability.h"

namespace ingest {
namespace {

TEST(DurabilityOfAnInstance, HasASpoolOnlyIfTheConfigurationHasOne) {
  Config config;
  prometheus::Registry registry;
  const common::Logger log("ingest", [](std::string_view) {});
  Events events(config.providers, registry, log);
  const auto without = MakeDurability(config, log, events);
  EXPECT_NE(dynamic_cast<KafkaDurability*>(without.get()), nullptr);
  config.spool.emplace();
  const auto with = MakeDurability(config, log, events);
  EXPECT_NE(dynamic_cast<SpooledDurability*>(with.get()), nullptr);
}

}  // namespace
}  // namespace ingest
