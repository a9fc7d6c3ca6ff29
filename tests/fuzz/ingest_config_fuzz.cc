#include <string>
#include <string_view>

#include "ingest/config.h"
#include "tests/fuzz/configuration.h"
#include "tests/fuzz/input.h"

// ingest.yaml: no exception, no secret in a message, and every accepted configuration is valid.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fuzz::Require;
  const std::string_view input = fuzz::TextOf(data, size);
  const auto accept_all = [](const std::string&, const std::string&) { return std::nullopt; };
  const ingest::ConfigReading reading =
      ingest::ReadConfig(input, fuzz::PlantedEnvironment(), accept_all);
  fuzz::RequireSensible(reading.problems, input);
  if (!reading.problems.empty()) return 0;
  const ingest::Config& config = reading.config;
  Require(config.ack_deadline < config.answer_deadline, "ack_deadline < answer_deadline");
  Require(config.answer_deadline <= std::chrono::seconds(9), "answers within 9 s");
  Require(config.threads > 0 && config.max_body > 0 && config.max_head > 0, "limits");
  Require(config.max_in_flight > 0 && config.max_connections > 0, "bounds");
  Require(config.credentials.size() == config.providers.rows().size(), "credentials by row");
  Require(config.credential_sources.size() == config.credentials.size(), "sources by row");
  Require(config.path_prefix.empty() || config.path_prefix.back() != '/', "the prefix");
  Require(!config.topics.callbacks.empty(), "the topic");
  Require(config.kafka.contains("bootstrap.servers"), "a cluster");
  Require(common::FindMistakes(config.providers.rows()).empty(), "rows without mistakes");
  return 0;
}
