// Compares the defaults in ops/docs/configuration.md with those of the code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "common/config/units.h"
#include "common/domain/provider_rules.h"
#include "common/tracing/tracing_settings.h"
#include "tests/unit/ops/docs/configuration_reference.h"

namespace tests {
namespace {

using common::config::FormatDuration;
using common::config::FormatSize;
using common::config::Problem;
using testing::ContainerEq;

/// The documented defaults, by key.
Texts DefaultsUnder(std::string_view heading) {
  Texts defaults;
  for (const TableRow& row : DocumentedUnder(heading)) defaults[row.at(0)] = row.at(1);
  return defaults;
}

std::string TextOf(std::chrono::milliseconds duration) { return FormatDuration(duration); }

using common::tracing::TracingSettings;

/// The settings of tracing that differ from their defaults in nothing but the endpoint.
constexpr const char* kTraced = "tracing: { endpoint: \"http://c\" }\n";

/// Adds the keys below `tracing`.
Texts WithTracing(Texts defaults, const TracingSettings& tracing) {
  EXPECT_TRUE(tracing.headers.empty());
  EXPECT_EQ(tracing.ca_file, "");
  defaults.insert({{"tracing.endpoint", "none"},
                   {"tracing.ratio", tracing.ratio == 1 ? "1" : "another"},
                   {"tracing.slower_than", TextOf(tracing.slower_than)},
                   {"tracing.headers", "none"},
                   {"tracing.ca_file", "none"},
                   {"tracing.queue", std::to_string(tracing.queue)},
                   {"tracing.timeout", TextOf(tracing.timeout)}});
  return defaults;
}

TEST(ConfigurationReference, HasTheDefaultsOfIngest) {
  const ingest::Config config = ReadIngest("").config;
  const ingest::SpoolConfig spool = ReadIngest("spool: { path: /spool.db }\n").config.spool.value();
  EXPECT_EQ(config.providers.rows().size(), common::ProviderTable().rows().size());
  EXPECT_FALSE(config.spool);
  EXPECT_FALSE(config.tracing);
  EXPECT_THAT(DefaultsUnder("## ingest.yaml"),
              ContainerEq(WithTracing(
                  Texts{
                      {"listen", ToText(config.listen)},
                      {"admin", ToText(config.admin)},
                      {"threads", std::to_string(config.threads)},
                      {"path_prefix", config.path_prefix},
                      {"ack_deadline", TextOf(config.ack_deadline)},
                      {"answer_deadline", TextOf(config.answer_deadline)},
                      {"drain_delay", TextOf(config.drain_delay)},
                      {"batch.max_delay", TextOf(config.max_batch_delay.with_few) + " to " +
                                              TextOf(config.max_batch_delay.with_many)},
                      {"max_body", FormatSize(config.max_body)},
                      {"max_head", FormatSize(config.max_head)},
                      {"max_in_flight", std::to_string(config.max_in_flight)},
                      {"max_in_flight_bytes", FormatSize(config.max_in_flight_bytes)},
                      {"header_timeout", TextOf(config.header_timeout)},
                      {"body_timeout", TextOf(config.body_timeout)},
                      {"idle_timeout", TextOf(config.idle_timeout)},
                      {"max_connections", std::to_string(config.max_connections)},
                      {"kafka", "required"},
                      {"topics.callbacks", config.topics.callbacks},
                      {"topics.expected", config.topics.expected},
                      {"spool.path", "none"},
                      {"spool.max_bytes", FormatSize(spool.max_bytes)},
                      {"spool.min_free_disk", FormatSize(spool.min_free_disk)},
                      {"expected.path", "none"},
                      {"expected.authorization_file", "none"},
                      {"providers", "none"},
                  },
                  ReadIngest(kTraced).config.tracing.value())));
}

std::string ResourcesOf(const consumer::FetchSettings& fetch) {
  if (fetch.wants_process && fetch.wants_dossier) return "[process, dossier]";
  return fetch.wants_process ? "[process]" : "[dossier]";
}

TEST(ConfigurationReference, HasTheDefaultsOfConsumer) {
  const consumer::Config config = ReadConsumer("").config;
  const consumer::FetchSettings& fetch = config.fetch;
  const common::ExpectedSettings expected;
  EXPECT_FALSE(config.expected);
  EXPECT_FALSE(config.tracing);
  EXPECT_EQ(config.ca_file, "");
  EXPECT_EQ(config.providers.rows().size(), common::ProviderTable().rows().size());
  EXPECT_THAT(
      DefaultsUnder("## consumer.yaml"),
      ContainerEq(WithTracing(
          Texts{
              {"admin", ToText(config.admin)},
              {"group", config.group},
              {"instance", "the host's name"},
              {"lanes", std::to_string(config.lanes)},
              {"kafka", "required"},
              {"topics.callbacks", config.topics.callbacks},
              {"topics.seen", config.topics.seen},
              {"topics.processes", config.topics.processes},
              {"topics.dead", config.topics.dead},
              {"topics.expected", config.topics.expected},
              {"commit_interval", TextOf(config.commit_interval)},
              {"publish", fetch.publish == consumer::PublishMode::kFull ? "full" : "reference"},
              {"assure.base_url", "required"},
              {"assure.token_url", "required"},
              {"assure.client_id", "required"},
              {"assure.client_secret", "required"},
              {"assure.client_secret_file", "none"},
              {"assure.scope", fetch.scope},
              {"assure.ca_file", "none"},
              {"accounts", config.accounts.size() == 1 ? "none" : "some"},
              {"fetch.resources", ResourcesOf(fetch)},
              {"fetch.timeout", TextOf(fetch.timeout)},
              {"fetch.max_in_flight", std::to_string(fetch.max_in_flight)},
              {"fetch.max_pending", std::to_string(config.max_pending)},
              {"fetch.max_age", TextOf(fetch.max_age)},
              {"fetch.not_found_for", TextOf(fetch.not_found_for)},
              {"fetch.backoff.base", TextOf(fetch.backoff.base)},
              {"fetch.backoff.cap", TextOf(fetch.backoff.cap)},
              {"fetch.rate_limit", fetch.rate_limit == 0 ? "0" : "some"},
              {"fetch.breaker.failures", std::to_string(fetch.breaker_failures)},
              {"fetch.breaker.probe_every", TextOf(fetch.breaker_probe_every)},
              {"fetch.max_response", FormatSize(fetch.max_response)},
              {"fetch.ids", fetch.ids == consumer::IdRule::kRequired ? "required" : "if-present"},
              {"fetch.keep", fetch.keep ? "some" : "everything"},
              {"fetch.redact", "[" + Join(fetch.redact) + "]"},
              {"providers", "none"},
              {"expected.within", TextOf(expected.within)},
              {"expected.max_wait", TextOf(expected.max_wait)},
              {"expected.rate", std::to_string(static_cast<int>(expected.rate))},
          },
          ReadConsumer(kTraced).config.tracing.value())));
}

/// The required keys that a reader reports as missing. `kafka` requires `bootstrap.servers`.
Keys MissedBy(const FindProblems& read, const std::string& yaml) {
  Keys missed;
  for (const Problem& problem : read(yaml)) {
    if (!problem.message.starts_with("must be set")) continue;
    missed.insert(problem.key == "kafka.bootstrap.servers" ? "kafka" : problem.key);
  }
  return missed;
}

Keys RequiredUnder(std::string_view heading) {
  Keys required;
  for (const auto& [key, value] : DefaultsUnder(heading)) {
    const bool is_a_value = key == "fetch.ids";
    if (value == "required" && !is_a_value) required.insert(key);
  }
  return required;
}

TEST(ConfigurationReference, NamesTheRequiredKeys) {
  EXPECT_THAT(RequiredUnder("## ingest.yaml"), ContainerEq(MissedBy(ProblemsOfIngest, "")));
  EXPECT_THAT(RequiredUnder("## consumer.yaml"),
              ContainerEq(MissedBy(ProblemsOfConsumer, "assure: {}\n")));
  EXPECT_THAT(MissedBy(ProblemsOfIngest, "spool: {}\n"), ContainerEq(Keys{"kafka", "spool.path"}));
}

}  // namespace
}  // namespace tests
