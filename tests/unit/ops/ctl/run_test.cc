#include "ops/ctl/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "ops/ctl/shell/settings.h"
#include "tests/support/temp_directory.h"

namespace ctl {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct CommandResult {
  int status = -1;
  std::string out;
  std::string err;
};

CommandResult Sluicectl(const std::vector<std::string_view>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  CommandResult outcome;
  outcome.status = Run(arguments, out, err);
  outcome.out = out.str();
  outcome.err = err.str();
  return outcome;
}

constexpr std::string_view kConsumerYaml = R"(
admin: 127.0.0.1:9101
group: g-1
kafka: { bootstrap.servers: "a:1", session.timeout.ms: 12000 }
topics: { callbacks: c, dead: d }
assure:
  client_secret: ${CERTAINLY_NOT_SET}
providers:
  eid: { dedup_window: 100h }
)";

TEST(Sluicectl, Returns2OnUsageErrors) {
  for (const std::vector<std::string_view>& arguments :
       {std::vector<std::string_view>{},
        {"audit"},
        {"topics", "check"},
        {"send"},
        {"send", "--target", "http://127.0.0.1:9"},
        {"send", "--provider", "eid"},
        {"send", "--provider", "e", "--target", "h", "--count", "0"},
        {"send", "--provider", "e", "--target", "h", "--authorization", "a", "--authorization-file",
         "f"},
        {"send", "--provider", "e", "--target", "h", "--authorization-file", "/nowhere"},
        {"topics", "create", "--bootstrap", "a:1", "--partitions", "0"},
        {"providers", "--timeout", "soon"},
        {"providers", "--timeout", "0s"},
        {"providers", "--timeout", "200000d"},
        {"providers", "--config", "/nowhere.yaml"},
        {"serve"},
        {"serve", "--bootstrap", "a:1", "--listen", "8080"},
        {"serve", "--bootstrap", "a:1", "--grafana", "javascript:alert(1)"}}) {
    SCOPED_TRACE(arguments.empty() ? "" : arguments[0]);
    const CommandResult outcome = Sluicectl(arguments);
    EXPECT_EQ(outcome.status, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, StartsWith("sluicectl: "));
  }
}

TEST(Sluicectl, Returns0ForHelpAndVersion) {
  EXPECT_EQ(Sluicectl({"--version"}).status, 0);
  EXPECT_THAT(Sluicectl({"--help"}).out, HasSubstr("topics create"));
}

TEST(Sluicectl, ListsBuiltInProviders) {
  const CommandResult outcome = Sluicectl({"providers"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out,
            R"(PROVIDER   ALIASES            TRANSIENT  UNAVAILABLE  WINDOW  REPEATS AFTER
unknown    -                  429        spool        48h     -
onfido     -                  503        refuse       12h     30s 2m 15m 2h 10h
eid        signicatvideoid    503        refuse       4h      every 10m, 14 times
readid     -                  429        refuse       48h     every 1h, 24 times
paper      signicatpaper      503        spool        1h      -
connect    -                  503        spool        1h      -
webid      -                  503        spool        48h     -
pictureid  signicatpictureid  503        spool        48h     -
)");
}

TEST(Sluicectl, ListsProvidersOfAConfiguration) {
  const tests::TempDirectory directory;
  const std::string consumer = directory.Write("consumer.yaml", kConsumerYaml);
  EXPECT_THAT(
      Sluicectl({"providers", "--config", consumer, "--json"}).out,
      HasSubstr(
          R"({"name":"eid","kind":"callbacks","aliases":["signicatvideoid"],"transientStatus":503,)"
          R"("onUnavailable":"refuse","dedupWindow":"100h","retrySchedule":["10m",)"));
  EXPECT_THAT(Sluicectl({"providers", "--config", consumer, "--json"}).out,
              HasSubstr(R"("repeatsAfter":"every 10m, 14 times")"));
  // The provider rows of an ingest.yaml have more keys.
  const std::string ingest = directory.Write(
      "ingest.yaml", "listen: x\nproviders: { paper: { auth: none, aliases: [p, q] } }\n");
  EXPECT_THAT(Sluicectl({"--config", ingest, "providers"}).out, HasSubstr("paper      p,q "));
}

TEST(Sluicectl, ShowsWhichProvidersHaveSecrets) {
  const tests::TempDirectory directory;
  const std::string ingest = directory.Write(
      "ingest.yaml",
      "providers:\n  onfido: { authorization: [\"${NOT_SET_HERE}\"] }\n"
      "  eid: { authorization: [hush-hush], authorization_file: /nowhere }\n"
      "  readid: { authorization_file: /nowhere }\n  paper: { auth: none }\n  mine: {}\n");
  const CommandResult table = Sluicectl({"providers", "--config", ingest});
  EXPECT_EQ(table.status, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("REPEATS AFTER        SECRETS\n"));
  EXPECT_THAT(table.out, HasSubstr("30s 2m 15m 2h 10h    inline\n"));
  EXPECT_THAT(table.out, HasSubstr("every 10m, 14 times  inline+file\n"));
  EXPECT_THAT(table.out, HasSubstr("every 1h, 24 times   file\n"));
  const std::string json = Sluicectl({"providers", "--config", ingest, "--json"}).out;
  for (const char* row : {R"("repeatsAfter":null,"secrets":"others")", R"("name":"paper",)",
                          R"("secrets":"open")", R"("secrets":"none")"}) {
    EXPECT_THAT(json, HasSubstr(row));
  }
  EXPECT_THAT(table.out + json, testing::Not(HasSubstr("hush-hush")));
  const std::string consumer = directory.Write("consumer.yaml", "assure: {}\n");
  EXPECT_THAT(Sluicectl({"providers", "--config", consumer}).out,
              testing::Not(HasSubstr("SECRETS")));
}

TEST(Sluicectl, ShowsWhichProvidersSendSignedEvents) {
  const tests::TempDirectory directory;
  const std::string ingest = directory.Write(
      "ingest.yaml",
      "providers:\n"
      "  hooks: { kind: events, fetch: none, signature: { preset: standard-webhooks, secrets: "
      "[whsec_aHVzaA] } }\n"
      "  both: { kind: events, fetch: none, authorization_file: /nowhere, signature: { preset: "
      "onfido, secrets_file: /nowhere } }\n");
  const CommandResult table = Sluicectl({"providers", "--config", ingest});
  EXPECT_EQ(table.status, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr(" signature\n"));
  EXPECT_THAT(table.out, HasSubstr(" file+signature\n"));
  const std::string json = Sluicectl({"providers", "--config", ingest, "--json"}).out;
  EXPECT_THAT(json, HasSubstr(R"("name":"hooks","kind":"events")"));
  EXPECT_THAT(json, HasSubstr(R"("secrets":"signature")"));
  EXPECT_THAT(table.out + json, testing::Not(HasSubstr("aHVzaA")));
}

TEST(Sluicectl, ReportsEveryMistakeInAConfiguration) {
  const tests::TempDirectory directory;
  const std::string file =
      directory.Write("c.yaml", "kafka: { acks: 1 }\ntopics: { dead: callbacks }\ngroup: []\n");
  const CommandResult outcome = Sluicectl({"topics", "check", "--config", file});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err,
            "sluicectl: " + file + ":1:8: kafka.bootstrap.servers: must be set\n" + file +
                ":1:16: kafka.acks: may not be set: transactions need all\n" + file +
                ":2:17: topics.dead: another topic already has the name 'callbacks'\n" + file +
                ":3:8: group: expected a string\n");
}

TEST(Sluicectl, RefusesTheConfigurationOfIngestForCommandsThatNeedConsumers) {
  const tests::TempDirectory directory;
  const std::string file =
      directory.Write("ingest.yaml", "spool: { path: /s }\nkafka: { acks: 1 }\n");
  for (const std::vector<std::string_view>& command :
       std::vector<std::vector<std::string_view>>{{"status"},
                                                  {"trace", "p"},
                                                  {"dead", "list"},
                                                  {"dead", "redrive", "--all"},
                                                  {"audit", "--since", "1h"},
                                                  {"transactions"},
                                                  {"topics", "create"},
                                                  {"topics", "check"},
                                                  {"erase", "--dossier", "d"},
                                                  {"serve"}}) {
    std::vector<std::string_view> arguments = command;
    arguments.insert(arguments.end(), {"--config", file});
    const CommandResult outcome = Sluicectl(arguments);
    EXPECT_EQ(outcome.status, 2) << command.front();
    EXPECT_EQ(outcome.err,
              "sluicectl: " + file +
                  " is the configuration of ingest. This command needs that of consumer, "
                  "which has all topics and the group: --config consumer.yaml, or "
                  "--bootstrap ADDR for the default names\n");
  }
}

TEST(ClusterSettings, RefuseAFileWithSecretsOfProviders) {
  const tests::TempDirectory directory;
  const auto read = [&](const std::string& text) {
    const std::string file = directory.Write("c.yaml", text);
    const auto settings = ReadClusterSettings(Arguments({{"--config", file}}));
    return settings ? std::string("read") : settings.error().detail;
  };
  const std::string kafka = "kafka: { bootstrap.servers: \"a:1\" }\n";
  EXPECT_THAT(read(kafka + "providers: { eid: { authorization_file: /f } }\n"),
              HasSubstr("is the configuration of ingest"));
  EXPECT_EQ(read(kafka + "providers: { eid: { dedup_window: 9h } }\n"), "read");
  const std::string events = "providers: { x: { kind: events, fetch: none, signature: { ";
  EXPECT_EQ(read(kafka + events + "preset: onfido } } }\n"), "read") << "consumer ignores it";
  EXPECT_THAT(read(kafka + events + "preset: onfido, secrets_file: /f } } }\n"),
              HasSubstr("is the configuration of ingest"));
  EXPECT_EQ(read(kafka + "assure: {}\nlisten: x\n"), "read") << "consumer itself refuses `listen`";
}

TEST(ClusterSettings, AreReadFromAConsumerConfiguration) {
  const tests::TempDirectory directory;
  const std::string file = directory.Write("consumer.yaml", kConsumerYaml);
  const auto settings = ReadClusterSettings(Arguments({{"--config", file}}));
  ASSERT_TRUE(settings) << settings.error().detail;
  EXPECT_EQ(settings->kafka.at("bootstrap.servers"), "a:1");
  EXPECT_EQ(settings->kafka.at("session.timeout.ms"), "12000");
  EXPECT_EQ(settings->topics.callbacks, "c");
  EXPECT_EQ(settings->topics.seen, "callbacks.seen");
  EXPECT_EQ(settings->topics.dead, "d");
  EXPECT_EQ(settings->group, "g-1");
  EXPECT_EQ(settings->providers.DedupReach(), std::chrono::hours(100));
}

TEST(ClusterSettings, PreferTheAddressOfTheCommandLine) {
  const tests::TempDirectory directory;
  const std::string file = directory.Write("consumer.yaml", kConsumerYaml);
  const auto settings =
      ReadClusterSettings(Arguments({{"--config", file}, {"--bootstrap", "b:2"}}));
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->kafka.at("bootstrap.servers"), "b:2");
  EXPECT_EQ(settings->topics.callbacks, "c");
}

}  // namespace
}  // namespace ctl
