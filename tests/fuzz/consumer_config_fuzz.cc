#include <string>
#include <string_view>

#include "consumer/config.h"
#include "tests/fuzz/configuration.h"
#include "tests/fuzz/input.h"

// consumer.yaml: no exception, no secret in a message, and every accepted configuration is valid.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fuzz::Require;
  const std::string_view input = fuzz::TextOf(data, size);
  const auto accept_all = [](const std::string&, const std::string&) { return std::nullopt; };
  const consumer::ConfigReading reading =
      consumer::ReadConfig(input, fuzz::PlantedEnvironment(), accept_all);
  fuzz::RequireSensible(reading.problems, input);
  if (!reading.problems.empty()) return 0;
  const consumer::Config& config = reading.config;
  Require(config.lanes > 0 && config.max_pending > 0, "bounds");
  Require(config.commit_interval >= std::chrono::milliseconds(10) &&
              config.commit_interval <= std::chrono::seconds(10),
          "commit_interval");
  Require(!config.group.empty() && !config.instance.empty(), "names");
  Require(config.kafka.contains("bootstrap.servers"), "a cluster");
  Require(common::FindMistakes(config.providers.rows()).empty(), "rows without mistakes");
  for (int lanes = 1; lanes <= 8; ++lanes) {
    (void)consumer::ShareOf(config.fetch, lanes);
  }
  return 0;
}
