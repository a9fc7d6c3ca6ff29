// What ops/docs/configuration.md says, against what the binaries read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/kafka_settings.h"
#include "common/config/units.h"
#include "common/domain/provider_rules.h"
#include "consumer/config.h"
#include "ingest/config.h"
#include "ingest/policy/shedding.h"
#include "tests/support/markdown.h"
#include "tests/support/process.h"

namespace tests {
namespace {

using common::config::FormatDuration;
using common::config::FormatSize;
using common::config::Problem;
using common::config::Problems;
using testing::ContainerEq;
using testing::IsEmpty;

using Texts = std::map<std::string, std::string>;
using Keys = std::set<std::string>;

std::optional<std::string> NoVariable(const std::string& /*name*/) { return std::nullopt; }
std::optional<std::string> TakeAny(const std::string& /*name*/, const std::string& /*value*/) {
  return std::nullopt;
}
ingest::ConfigReading ReadIngest(const std::string& yaml) {
  return ingest::ReadConfig(yaml, NoVariable, TakeAny);
}
consumer::ConfigReading ReadConsumer(const std::string& yaml) {
  return consumer::ReadConfig(yaml, NoVariable, TakeAny);
}
using FindProblems = std::function<Problems(const std::string& yaml)>;
Problems ProblemsOfIngest(const std::string& yaml) { return ReadIngest(yaml).problems; }
Problems ProblemsOfConsumer(const std::string& yaml) { return ReadConsumer(yaml).problems; }

std::vector<TableRow> DocumentedUnder(std::string_view heading) {
  return TableUnder(ReadFile(SourcePath("ops/docs/configuration.md")), heading);
}

std::string Join(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ", ") + text;
  return joined;
}

/// "fetch.backoff" with content is "fetch: { backoff: content }".
std::string Nested(const std::string& path, std::string content) {
  std::vector<std::string> names = SplitList(path, '.');
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    content = *name + ": " + (name == names.rbegin() ? content : "{ " + content + " }");
  }
  return content + "\n";
}

/// The keys that a reader knows in a section, by asking it for one that nobody has; none where the
/// path is no section.
std::vector<std::string> KeysOfSection(const FindProblems& read, const std::string& path) {
  static const std::string kNobody = "nobody-has-this-key";
  static const std::string_view kKnown = "known here: ";
  const std::string yaml =
      path.empty() ? kNobody + ": 1\n" : Nested(path, "{ " + kNobody + ": 1 }");
  for (const Problem& problem : read(yaml)) {
    const std::size_t list = problem.message.find(kKnown);
    if (problem.key != (path.empty() ? kNobody : path + "." + kNobody)) continue;
    if (list != std::string::npos) return SplitList(problem.message.substr(list + kKnown.size()));
  }
  return {};
}

/// Every key that a reader knows, sections opened: "fetch.backoff.cap".
Keys KeysIn(const FindProblems& read, const std::string& path = "") {
  Keys keys;
  for (const std::string& key : KeysOfSection(read, path)) {
    const std::string whole = path.empty() ? key : std::string(path).append(".").append(key);
    Keys below = KeysIn(read, whole);
    if (below.empty()) below.insert(whole);
    keys.merge(below);
  }
  return keys;
}

/// Without those that others stand below: `retry_schedule` beside `retry_schedule.every`.
Keys WithoutSections(const Keys& keys) {
  Keys leaves;
  for (const std::string& key : keys) {
    const auto next = keys.upper_bound(key + ".");
    if (next == keys.end() || !next->starts_with(key + ".")) leaves.insert(key);
  }
  return leaves;
}

Keys FirstCells(const std::vector<TableRow>& rows) {
  Keys keys;
  for (const TableRow& row : rows) keys.insert(row.at(0));
  return keys;
}

TEST(ConfigurationReference, HasEveryKeyOfIngestAndNoOther) {
  EXPECT_THAT(FirstCells(DocumentedUnder("## ingest.yaml")), ContainerEq(KeysIn(ProblemsOfIngest)));
}

TEST(ConfigurationReference, HasEveryKeyOfConsumerAndNoOther) {
  EXPECT_THAT(FirstCells(DocumentedUnder("## consumer.yaml")),
              ContainerEq(KeysIn(ProblemsOfConsumer)));
}

TEST(ConfigurationReference, HasEveryKeyOfAProviderRowAndNoOther) {
  Keys of_both;
  Keys of_ingest;
  std::string text = ReadFile(SourcePath("ops/docs/configuration.md"));
  // The second table of the section.
  const std::size_t second = text.find("| key of a row |");
  ASSERT_NE(second, std::string::npos);
  for (const TableRow& row : TableUnder("## keys\n" + text.substr(second), "## keys")) {
    ASSERT_TRUE(row.at(1) == "both" || row.at(1) == "ingest") << row.at(0);
    if (row.at(1) == "both") of_both.insert("providers.onfido." + row.at(0));
    of_ingest.insert("providers.onfido." + row.at(0));
  }
  EXPECT_THAT(WithoutSections(of_ingest),
              ContainerEq(KeysIn(ProblemsOfIngest, "providers.onfido")));
  EXPECT_THAT(WithoutSections(of_both),
              ContainerEq(KeysIn(ProblemsOfConsumer, "providers.onfido")));
}

/// The documented defaults, by key.
Texts DefaultsUnder(std::string_view heading) {
  Texts defaults;
  for (const TableRow& row : DocumentedUnder(heading)) defaults[row.at(0)] = row.at(1);
  return defaults;
}

std::string TextOf(std::chrono::milliseconds duration) { return FormatDuration(duration); }

TEST(ConfigurationReference, HasTheDefaultsOfIngest) {
  const ingest::Config config = ReadIngest("").config;
  const ingest::SpoolConfig spool = ReadIngest("spool: { path: /spool.db }\n").config.spool.value();
  EXPECT_EQ(config.providers.rows().size(), common::ProviderTable().rows().size());
  EXPECT_FALSE(config.spool);
  EXPECT_THAT(DefaultsUnder("## ingest.yaml"),
              ContainerEq(Texts{
                  {"listen", ToText(config.listen)},
                  {"admin", ToText(config.admin)},
                  {"threads", std::to_string(config.threads)},
                  {"path_prefix", config.path_prefix},
                  {"ack_deadline", TextOf(config.ack_deadline)},
                  {"answer_deadline", TextOf(config.answer_deadline)},
                  {"drain_delay", TextOf(config.drain_delay)},
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
                  {"spool.path", "none"},
                  {"spool.max_bytes", FormatSize(spool.max_bytes)},
                  {"spool.min_free_disk", FormatSize(spool.min_free_disk)},
                  {"providers", "none"},
              }));
}

std::string ResourcesOf(const consumer::FetchSettings& fetch) {
  if (fetch.wants_process && fetch.wants_dossier) return "[process, dossier]";
  return fetch.wants_process ? "[process]" : "[dossier]";
}

TEST(ConfigurationReference, HasTheDefaultsOfConsumer) {
  const consumer::Config config = ReadConsumer("").config;
  const consumer::FetchSettings& fetch = config.fetch;
  EXPECT_EQ(config.ca_file, "");
  EXPECT_EQ(config.providers.rows().size(), common::ProviderTable().rows().size());
  EXPECT_THAT(DefaultsUnder("## consumer.yaml"),
              ContainerEq(Texts{
                  {"admin", ToText(config.admin)},
                  {"group", config.group},
                  {"instance", config.instance},
                  {"lanes", std::to_string(config.lanes)},
                  {"kafka", "required"},
                  {"topics.callbacks", config.topics.callbacks},
                  {"topics.seen", config.topics.seen},
                  {"topics.processes", config.topics.processes},
                  {"topics.dead", config.topics.dead},
                  {"commit_interval", TextOf(config.commit_interval)},
                  {"assure.base_url", "required"},
                  {"assure.token_url", "required"},
                  {"assure.client_id", "required"},
                  {"assure.client_secret", "required"},
                  {"assure.client_secret_file", "none"},
                  {"assure.scope", fetch.scope},
                  {"assure.ca_file", "none"},
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
                  {"fetch.redact", "[" + Join(fetch.redact) + "]"},
                  {"providers", "none"},
              }));
}

/// The keys that a reader misses, `bootstrap.servers` being what `kafka` must have.
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
    if (value == "required") required.insert(key);
  }
  return required;
}

TEST(ConfigurationReference, SaysWhatIsRequired) {
  EXPECT_THAT(RequiredUnder("## ingest.yaml"), ContainerEq(MissedBy(ProblemsOfIngest, "")));
  EXPECT_THAT(RequiredUnder("## consumer.yaml"),
              ContainerEq(MissedBy(ProblemsOfConsumer, "assure: {}\n")));
  EXPECT_THAT(MissedBy(ProblemsOfIngest, "spool: {}\n"), ContainerEq(Keys{"kafka", "spool.path"}));
}

TEST(ConfigurationReference, NamesTheKafkaPropertiesThatAreRefused) {
  Keys documented;
  for (const TableRow& row : DocumentedUnder("## Kafka properties")) {
    documented.insert(row.at(1) + ": " + row.at(0) + ", " + row.at(2));
  }
  Keys refused;
  const auto add = [&](const std::string& program, const auto& properties) {
    for (const auto& [pattern, why] : properties) {
      std::string reason(why);
      std::erase(reason, '`');
      refused.insert(program + ": " + std::string(pattern) + ", " + reason);
    }
  };
  add("ingest", common::config::ForbiddenForIngest());
  add("consumer", common::config::ForbiddenForConsumer());
  EXPECT_THAT(documented, ContainerEq(refused));
}

/// A row with its schedule as a list, which is what two ways of writing one have in common.
std::string Describe(const common::ProviderRow& row) {
  std::string schedule;
  for (const auto attempt : row.retry_schedule) schedule += " " + FormatDuration(attempt);
  return row.name + " [" + Join(row.aliases) + "] " + std::to_string(row.transient_status) +
         (row.on_unavailable == common::OnUnavailable::kSpool ? " spool " : " refuse ") +
         FormatDuration(row.dedup_window) + schedule;
}

TEST(ConfigurationReference, HasTheBuiltInRowsOfProviders) {
  std::vector<std::string> documented;
  for (const TableRow& row : DocumentedUnder("## providers")) {
    const std::string yaml =
        "providers: { probe: { retry_schedule: " + (row.at(2).empty() ? "[]" : row.at(2)) +
        ", transient_status: " + row.at(3) + ", on_unavailable: " + row.at(4) +
        ", dedup_window: " + row.at(5) + " } }\n";
    const ingest::ConfigReading reading =
        ReadIngest("kafka: { bootstrap.servers: \"k:1\" }\n" + yaml);
    ASSERT_THAT(reading.problems, IsEmpty()) << yaml << reading.problems.front().message;
    common::ProviderRow probe = reading.config.providers[reading.config.providers.Resolve("probe")];
    probe.name = row.at(0);
    probe.aliases = SplitList(row.at(1));
    documented.push_back(Describe(probe));
  }
  const common::ProviderTable table;
  std::vector<std::string> built_in;
  for (const common::ProviderRow& row : table.rows()) {
    built_in.push_back(Describe(row));
  }
  std::ranges::sort(documented);
  std::ranges::sort(built_in);
  EXPECT_THAT(documented, ContainerEq(built_in));
}

TEST(ConfigurationReference, SaysUpToWhichLoadARowIsTaken) {
  Texts documented;
  for (const TableRow& row : DocumentedUnder("### Load")) {
    for (const std::string& name : SplitList(row.at(1))) {
      documented[name] = row.at(2).substr(0, row.at(2).find('%') + 1);
    }
  }
  const common::ProviderTable table;
  Texts shares;
  for (const common::ProviderRow& row : table.rows()) {
    const ingest::LoadBounds share = ShareOf(ingest::CostOfRefusing(row), {.max_requests = 100});
    shares[row.name] = std::to_string(share.max_requests) + " %";
  }
  EXPECT_THAT(documented, ContainerEq(shares));
}

}  // namespace
}  // namespace tests
