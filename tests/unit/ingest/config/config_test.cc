#include "ingest/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "tests/support/temp_directory.h"

namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t kMiB = 1024 * 1024;

class ConfigTest : public ::testing::Test {
 protected:
  ConfigReading Read(const std::string& yaml) const {
    return ReadConfig(
        "kafka: { bootstrap.servers: \"127.0.0.1:9092\" }\n" + yaml,
        [this](const std::string& name) {
          const auto found = environment.find(name);
          return found == environment.end() ? std::nullopt : std::optional(found->second);
        },
        [](const std::string& /*name*/, const std::string& /*value*/) {
          return std::optional<std::string>();
        });
  }

  /// "3:5 key: message" for each mistake. Lines are those of `yaml`, from 1.
  std::vector<std::string> MistakesOf(const std::string& yaml) const {
    std::vector<std::string> mistakes;
    for (const common::config::Problem& problem : Read(yaml).problems) {
      mistakes.push_back(std::to_string(problem.line - 1) + ":" + std::to_string(problem.column) +
                         " " + problem.key + ": " + problem.message);
    }
    return mistakes;
  }

  static const Credentials& CredentialsOf(const Config& config, const std::string& provider) {
    return config.credentials.at(config.providers.Resolve(provider));
  }

  std::map<std::string, std::string> environment;
  tests::TempDirectory directory;
};

TEST_F(ConfigTest, HasTheDocumentedDefaults) {
  const ConfigReading reading = Read("");
  ASSERT_THAT(reading.problems, IsEmpty());
  const Config& config = reading.config;
  EXPECT_EQ(common::config::ToText(config.listen), "0.0.0.0:8080");
  EXPECT_EQ(common::config::ToText(config.admin), "127.0.0.1:9100");
  EXPECT_EQ(config.threads, 2);
  EXPECT_EQ(config.path_prefix, "/callbacks");
  EXPECT_EQ(config.ack_deadline, seconds(4));
  EXPECT_EQ(config.answer_deadline, milliseconds(8500));
  EXPECT_EQ(config.drain_delay, seconds(3));
  EXPECT_EQ(config.max_batch_delay, MaxDelay());
  EXPECT_EQ(config.max_body, kMiB);
  EXPECT_EQ(config.max_head, 16U * 1024);
  EXPECT_EQ(config.max_in_flight, 20'000);
  EXPECT_EQ(config.max_in_flight_bytes, 256 * kMiB);
  EXPECT_EQ(config.topics.callbacks, "callbacks");
  EXPECT_FALSE(config.spool);
  EXPECT_EQ(config.header_timeout, seconds(5));
  EXPECT_EQ(config.body_timeout, seconds(5));
  EXPECT_EQ(config.idle_timeout, seconds(75));
  EXPECT_EQ(config.max_connections, 10'000);
  for (const Credentials& credentials : config.credentials) EXPECT_TRUE(credentials.empty());
}

TEST_F(ConfigTest, ReadsEveryDocumentedKey) {
  environment = {{"ONFIDO_AUTH", "Bearer new"}, {"ONFIDO_AUTH_OLD", "Bearer old"}};
  const auto secrets = directory.Write("readid", "Bearer one\n\nBearer two\n");
  const ConfigReading reading = Read(
      "listen: 127.0.0.1:0\n"
      "admin: 127.0.0.1:0\n"
      "threads: 4\n"
      "path_prefix: /hooks/assure/\n"
      "ack_deadline: 2s\n"
      "answer_deadline: 7s\n"
      "drain_delay: 0ms\n"
      "batch: { max_delay: 50ms }\n"
      "max_body: 64KiB\n"
      "max_head: 8KiB\n"
      "max_in_flight: 100\n"
      "max_in_flight_bytes: 1MiB\n"
      "topics: { callbacks: assure.callbacks }\n"
      "spool: { path: /var/lib/sluice/spool.db, max_bytes: 2GiB, min_free_disk: 1GiB }\n"
      "header_timeout: 1s\n"
      "body_timeout: 2s\n"
      "idle_timeout: 30s\n"
      "max_connections: 500\n"
      "providers:\n"
      "  onfido: { authorization: [\"${ONFIDO_AUTH}\", \"${ONFIDO_AUTH_OLD}\"] }\n"
      "  readid: { authorization_file: " +
      secrets.string() +
      " }\n"
      "  connect: { auth: none }\n"
      "  trapets:\n"
      "    aliases: [trapetsab]\n"
      "    transient_status: 429\n"
      "    on_unavailable: spool\n"
      "    dedup_window: 3h\n"
      "    retry_schedule: { every: 10m, attempts: 3 }\n"
      "    authorization: [\" Bearer trapets \"]\n");
  ASSERT_THAT(reading.problems, IsEmpty()) << reading.problems.front().message;
  const Config& config = reading.config;
  EXPECT_EQ(config.listen.port, 0);
  EXPECT_EQ(config.threads, 4);
  EXPECT_EQ(config.path_prefix, "/hooks/assure");
  EXPECT_EQ(config.ack_deadline, seconds(2));
  EXPECT_EQ(config.drain_delay, milliseconds(0));
  EXPECT_EQ(config.max_batch_delay, MaxDelay::Fixed(milliseconds(50)));
  EXPECT_EQ(config.max_body, 64U * 1024);
  EXPECT_EQ(config.topics.callbacks, "assure.callbacks");
  ASSERT_TRUE(config.spool);
  EXPECT_EQ(config.spool->path, "/var/lib/sluice/spool.db");
  EXPECT_EQ(config.spool->max_bytes, 2048 * kMiB);
  EXPECT_EQ(config.spool->min_free_disk, 1024 * kMiB);
  EXPECT_EQ(config.max_connections, 500);
  EXPECT_THAT(CredentialsOf(config, "onfido").accepted, ElementsAre("Bearer new", "Bearer old"));
  EXPECT_THAT(CredentialsOf(config, "readid").accepted, ElementsAre("Bearer one", "Bearer two"));
  EXPECT_TRUE(CredentialsOf(config, "connect").open);
  EXPECT_THAT(CredentialsOf(config, "trapetsab").accepted, ElementsAre("Bearer trapets"));
  EXPECT_EQ(config.providers[config.providers.Resolve("trapets")].transient_status, 429);
}

TEST_F(ConfigTest, ReportsAllMistakesWithTheirPositions) {
  EXPECT_THAT(MistakesOf("thread: 2\n"
                         "ack_deadline: 4\n"
                         "providers:\n"
                         "  onfido: { authorisation: [a] }\n"),
              ElementsAre(::testing::StartsWith("1:1 thread: "),
                          ::testing::StartsWith("2:15 ack_deadline: "),
                          ::testing::StartsWith("4:13 providers.onfido.authorisation: ")));
}

TEST_F(ConfigTest, RejectsAnAckDeadlineAtOrAboveTheAnswerDeadline) {
  EXPECT_THAT(MistakesOf("ack_deadline: 8500ms\n"),
              ElementsAre("1:15 ack_deadline: ack_deadline (8500ms) must be shorter than "
                          "answer_deadline (8500ms)"));
}

TEST_F(ConfigTest, HoldsCallbacksForAtMostAQuarterOfTheAckDeadline) {
  EXPECT_EQ(Read("ack_deadline: 40ms\n").config.max_batch_delay, MaxDelay::Fixed(milliseconds(10)));
  EXPECT_THAT(MistakesOf("ack_deadline: 2s\nbatch: { max_delay: 500ms }\n"), IsEmpty());
  EXPECT_THAT(MistakesOf("ack_deadline: 2s\nbatch: { max_delay: 501ms }\n"),
              ElementsAre("2:21 batch.max_delay: must be at most a quarter of ack_deadline (2s)"));
  EXPECT_EQ(Read("batch: { max_delay: 0ms }\n").config.max_batch_delay,
            MaxDelay::Fixed(milliseconds(0)));
}

TEST_F(ConfigTest, RejectsAnAnswerDeadlineBeyondThePromise) {
  // The server's timers may be 100 ms late, and answers are due after 9 s.
  EXPECT_THAT(MistakesOf("answer_deadline: 8900ms\n"), IsEmpty());
  EXPECT_EQ(MistakesOf("answer_deadline: 8901ms\n").size(), 1U);
}

TEST_F(ConfigTest, RejectsBoundsTooSmallForOneRequest) {
  EXPECT_EQ(MistakesOf("max_in_flight_bytes: 64KiB\n").size(), 1U);
  EXPECT_EQ(MistakesOf("max_in_flight_bytes: 1MiB\n").size(), 1U) << "its head needs room as well";
  EXPECT_TRUE(MistakesOf("max_in_flight_bytes: 1040KiB\n").empty());
  EXPECT_EQ(MistakesOf("spool: { path: /x, max_bytes: 64KiB }\n").size(), 1U);
}

TEST_F(ConfigTest, RejectsAnInvalidPathPrefix) {
  for (const char* prefix : {"callbacks", "/call?backs", "\"/call backs\""}) {
    EXPECT_EQ(MistakesOf(std::string("path_prefix: ") + prefix + "\n").size(), 1U) << prefix;
  }
  EXPECT_EQ(Read("path_prefix: /\n").config.path_prefix, "");
}

// Promise P3: the operator cannot configure a status that makes such a sender lose callbacks.
TEST_F(ConfigTest, RejectsAPenalTransientStatusForASenderThatPenalises) {
  EXPECT_THAT(MistakesOf("providers:\n  readid: { transient_status: 503 }\n"),
              ElementsAre(::testing::HasSubstr("transient_status 503")));
  EXPECT_EQ(MistakesOf("providers:\n  unknown: { transient_status: 400 }\n").size(), 1U);
  EXPECT_THAT(MistakesOf("providers:\n  onfido: { transient_status: 500 }\n"), IsEmpty());
}

TEST_F(ConfigTest, RejectsAuthNoneBesideASecret) {
  EXPECT_EQ(MistakesOf("providers:\n  onfido: { auth: none, authorization: [a] }\n").size(), 1U);
  // A secret may be in the wrong key.
  EXPECT_THAT(MistakesOf("providers:\n  onfido: { auth: hunter2 }\n"),
              ::testing::ElementsAre(::testing::Not(::testing::HasSubstr("hunter2"))));
}

TEST_F(ConfigTest, RejectsAnUnusableSecretFile) {
  const auto empty = directory.Write("empty", "\n \n");
  for (const std::string& path : {std::string("/nowhere/secret"), empty.string()}) {
    const auto mistakes =
        MistakesOf("providers:\n  onfido: { authorization_file: " + path + " }\n");
    ASSERT_EQ(mistakes.size(), 1U) << path;
    EXPECT_THAT(mistakes[0], ::testing::HasSubstr(path));
  }
}

TEST_F(ConfigTest, RejectsABlankSecret) {
  environment = {{"EMPTY", ""}, {"BLANK", "  "}};
  EXPECT_EQ(MistakesOf("providers:\n  onfido: { authorization: [\"${EMPTY}\"] }\n").size(), 1U);
  EXPECT_EQ(MistakesOf("providers:\n  onfido: { authorization: [\"${BLANK}\"] }\n").size(), 1U);
}

TEST_F(ConfigTest, QuotesNoSecretInAMistake) {
  environment = {{"SECRET", "hunter2"}};
  for (const std::string& yaml :
       {std::string("providers:\n  onfido: { auth: none, authorization: [\"${SECRET}\"] }\n"),
        std::string("providers:\n  onfido: { authorization: \"${SECRET}\" }\n")}) {
    for (const std::string& mistake : MistakesOf(yaml)) {
      EXPECT_THAT(mistake, ::testing::Not(::testing::HasSubstr("hunter2")));
    }
  }
}

TEST_F(ConfigTest, RejectsKafkaPropertiesThatThePromisesNeed) {
  for (const char* property : {"acks", "request.required.acks", "partitioner"}) {
    const ConfigReading reading = ReadConfig(
        std::string("kafka: { bootstrap.servers: a, ") + property + ": all }",
        common::config::ProcessEnvironment(),
        [](const std::string&, const std::string&) { return std::optional<std::string>(); });
    EXPECT_EQ(reading.problems.size(), 1U) << property;
  }
}

TEST_F(ConfigTest, DoubtsRowsWithoutSecrets) {
  const auto doubts = [this](const std::string& yaml) {
    std::vector<std::string> texts;
    for (const auto& doubt : Read(yaml).doubts) texts.push_back(doubt.key + ": " + doubt.message);
    return texts;
  };
  EXPECT_THAT(doubts(""), ElementsAre("providers: no row has authorization, authorization_file or "
                                      "auth: none, so every callback is answered 401"));
  EXPECT_THAT(
      doubts("providers: { onfido: { authorization: [a] }, eid: {}, paper: , mine: { aliases: "
             "[m] }, unknown: { dedup_window: 49h } }\n"),
      ElementsAre("providers.eid: has no authorization, authorization_file or auth: none, so "
                  "its callbacks are answered 401",
                  ::testing::StartsWith("providers.paper: sets nothing"),
                  ::testing::StartsWith("providers.paper: has no authorization"),
                  ::testing::StartsWith("providers.mine: has no authorization")));
  EXPECT_THAT(doubts("providers: { onfido: { authorization: [a] }, connect: { auth: none } }\n"),
              IsEmpty());
}

TEST_F(ConfigTest, ReadsTheRouteOfAnnouncements) {
  EXPECT_FALSE(Read("").config.expected);
  const auto secrets = directory.Write("expected", "one\ntwo\n");
  const ConfigReading reading =
      Read("expected: { path: /api/expected/, authorization_file: " + secrets.string() + " }\n");
  EXPECT_THAT(reading.problems, IsEmpty());
  ASSERT_TRUE(reading.config.expected);
  EXPECT_EQ(reading.config.expected->path, "/api/expected");
  EXPECT_THAT(reading.config.expected->credentials.accepted, ElementsAre("one", "two"));
  EXPECT_EQ(reading.config.topics.expected, "callbacks.expected");
}

TEST_F(ConfigTest, RejectsExpectedPathBelowCallbackPrefix) {
  const auto secrets = directory.Write("expected", "one\n");
  const auto mistakes_at = [&](const std::string& path, const std::string& more = "") {
    return MistakesOf(more + "expected: { path: \"" + path +
                      "\", authorization_file: " + secrets.string() + " }\n");
  };
  for (const char* path : {"/callbacks", "/callbacks/", "/callbacks/expected", "/callbacks//"}) {
    EXPECT_THAT(mistakes_at(path), ElementsAre("1:19 expected.path: must not be below path_prefix "
                                               "(/callbacks)"))
        << path;
  }
  for (const char* path : {"/callbacksx", "/expected", "/a/callbacks"}) {
    EXPECT_THAT(mistakes_at(path), IsEmpty()) << path;
  }
  EXPECT_THAT(mistakes_at("/a", "path_prefix: /a/b\n"), IsEmpty());
  EXPECT_THAT(mistakes_at("/a/b/c", "path_prefix: /a/b\n").size(), 1U);
  EXPECT_THAT(mistakes_at("/expected", "path_prefix: /\n"),
              ElementsAre("2:19 expected.path: callbacks are received on all paths: set "
                          "path_prefix"));
  for (const char* path : {"expected", "/", "//", "//expected", "/ex pected", "/expected?x"}) {
    EXPECT_THAT(mistakes_at(path), ElementsAre(::testing::HasSubstr("must be a path"))) << path;
  }
}

TEST_F(ConfigTest, RequiresPathAndSecretsOfAnnouncements) {
  EXPECT_THAT(MistakesOf("expected: {}\n"),
              ElementsAre(::testing::HasSubstr("expected.path"),
                          ::testing::HasSubstr("expected.authorization_file")));
  const auto empty = directory.Write("empty", "\n");
  EXPECT_THAT(MistakesOf("expected: { path: /e, authorization_file: " + empty.string() + " }\n"),
              ElementsAre(::testing::HasSubstr(empty.string())));
  const auto doubts = [this](const std::string& yaml) {
    std::vector<std::string> texts;
    for (const auto& doubt : Read(yaml).doubts) texts.push_back(doubt.key + ": " + doubt.message);
    return texts;
  };
  const std::string providers = "providers: { onfido: { authorization: [one] } }\n";
  EXPECT_THAT(doubts(providers + "expected:\n"),
              ElementsAre(::testing::StartsWith("expected: sets nothing")));
  const auto shared = directory.Write("shared", "two\none\n");
  EXPECT_THAT(
      doubts(providers + "expected: { path: /e, authorization_file: " + shared.string() + " }\n"),
      ElementsAre("expected.authorization_file: has a secret of provider onfido: use one "
                  "that no provider knows"));
}

TEST_F(ConfigTest, ReadsTheSecretsOfEvents) {
  environment = {{"EVENTS_SECRET", "s3cret\n"}};
  const auto file = directory.Write("events", "one\ntwo\n");
  const ConfigReading reading = Read(
      "providers:\n"
      "  a: { kind: events, fetch: none, signature: { preset: onfido, secrets: "
      "[\"${EVENTS_SECRET}\"], secrets_file: " +
      file.string() +
      " } }\n"
      "  b: { kind: events, fetch: none, authorization: [x] }\n"
      "  c: { kind: events, fetch: none, auth: none }\n"
      "  d: { kind: events, fetch: none, authorization: [x], signature: { preset: "
      "standard-webhooks, secrets: [whsec_Zm9v] } }\n");
  ASSERT_THAT(reading.problems, IsEmpty()) << reading.problems.front().message;
  EXPECT_THAT(CredentialsOf(reading.config, "a").signing_keys, ElementsAre("s3cret", "one", "two"));
  EXPECT_THAT(CredentialsOf(reading.config, "a").accepted, IsEmpty());
  EXPECT_THAT(CredentialsOf(reading.config, "b").accepted, ElementsAre("x"));
  EXPECT_TRUE(CredentialsOf(reading.config, "c").open);
  EXPECT_THAT(CredentialsOf(reading.config, "d").signing_keys, ElementsAre("foo"));
  EXPECT_THAT(CredentialsOf(reading.config, "d").accepted, ElementsAre("x"));
  EXPECT_THAT(reading.doubts, IsEmpty());
}

TEST_F(ConfigTest, RefusesEventsThatNothingAuthenticatesAndSecretsThatCannotBeUsed) {
  environment = {{"BLANK", " "}};
  const std::string missing = (directory.path() / "missing").string();
  const struct {
    std::string row;
    std::string mistake;
  } kCases[] = {
      {"x: { kind: events, fetch: none }",
       "2:6 providers.x.signature: must be set, or authorization, or auth: none: otherwise nothing "
       "tells whose events they are"},
      {"x: { kind: events, fetch: none, signature: { preset: onfido } }",
       "2:46 providers.x.signature.secrets: must be set, or secrets_file instead"},
      {"x: { kind: events, fetch: none, signature: { preset: onfido, secrets: [] } }",
       "2:73 providers.x.signature.secrets: must contain at least one value"},
      {"x: { kind: events, fetch: none, signature: { preset: onfido, secrets: [\"${BLANK}\"] } }",
       "2:73 providers.x.signature.secrets: contains a blank value"},
      {"x: { kind: events, fetch: none, signature: { preset: onfido, secrets: [abc, abc] } }",
       "2:73 providers.x.signature.secrets: secret 2 is the same as an earlier one: remove one of "
       "them"},
      {"x: { kind: events, fetch: none, signature: { preset: standard-webhooks, secrets: [whsec_!] "
       "} }",
       "2:84 providers.x.signature.secrets: secret 1 begins with whsec_, but no base64 follows"},
      {"x: { kind: events, fetch: none, signature: { preset: onfido, secrets_file: " + missing +
           " } }",
       "2:78 providers.x.signature.secrets_file: the file " + missing +
           " cannot be read: No such file or directory"},
      {"x: { kind: events, fetch: none, auth: none, signature: { preset: onfido, secrets: [a] } }",
       "2:41 providers.x.auth: none conflicts with signature: leave it out"},
      {"x: { kind: events, fetch: none, authorization: [a], signature: { header: Authorization, "
       "secrets: [a] } }",
       "2:66 providers.x.signature: its header is that of authorization: only one of them can be "
       "checked"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.row);
    EXPECT_THAT(MistakesOf("providers:\n  " + c.row + "\n"), ElementsAre(c.mistake));
  }
}

}  // namespace
}  // namespace ingest
