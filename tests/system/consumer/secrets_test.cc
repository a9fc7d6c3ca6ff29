#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "common/domain/callback_record.h"
#include "common/domain/topics.h"
#include "tests/harness/broker.h"
#include "tests/harness/contracts.h"
#include "tests/harness/process.h"
#include "tests/support/http_client.h"
#include "tests/support/kafka_client.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"
#include "tests/system/consumer/echoing_api.h"

// Promise P7: neither the consumer's secrets nor the contents of callbacks and API answers appear
// anywhere but in the results.
namespace tests {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string kPlanted = "zq-needle-qz";
// Base64 of the planted text, if it starts a group.
const std::string kInBase64 = "enEtbmVlZGxlLXF6";

auto IsQuiet() { return AllOf(Not(HasSubstr(kPlanted)), Not(HasSubstr(kInBase64))); }

class ConsumerSecretsTest : public testing::Test {
 protected:
  ConsumerSecretsTest()
      : kafka(Broker::Shared().bootstrap()), api(kPlanted), name(UniqueName("secrets")) {
    topics = {.callbacks = name + ".callbacks",
              .seen = name + ".seen",
              .processes = name + ".processes",
              .dead = name + ".dead",
              .expected = name + ".callbacks.expected"};
    const common::TopicPlan plan{.partitions = 2, .dead_partitions = 1, .replication = 1};
    for (const common::TopicSpec& topic : common::PlanTopics(topics, plan)) {
      kafka.CreateTopic(topic.name, {.partitions = topic.partitions,
                                     .replication = topic.replication,
                                     .configs = {topic.config.begin(), topic.config.end()}});
    }
  }

  [[nodiscard]] std::string Yaml() const {
    return "admin: 127.0.0.1:0\ngroup: " + name + "\ninstance: " + name +
           "\ncommit_interval: 50ms\nkafka: { bootstrap.servers: \"" +
           Broker::Shared().bootstrap() +
           "\", debug: \"consumer,cgrp,topic,msg,protocol,eos,conf,security\", sasl.password: " +
           kPlanted + ", sasl.username: u-" + kPlanted +
           " }\ntopics: { callbacks: " + topics.callbacks + ", seen: " + topics.seen +
           ", processes: " + topics.processes + ", dead: " + topics.dead +
           " }\nassure:\n  base_url: " + api.Url("/assure") +
           "\n  token_url: " + api.Url("/token") +
           "\n  client_id: id\n  client_secret: " + kPlanted +
           "\n  scope: signicat-api\nfetch: { backoff: { base: 50ms, cap: 200ms }, max_age: 2s, "
           "not_found_for: 500ms, breaker: { failures: 1000, probe_every: 1s } }\n";
  }

  /// As ingest writes them.
  static common::RecordHeaders HeadersOf(const std::string& provider) {
    return common::HeadersOf({.key = {},
                              .body = {},
                              .provider = provider,
                              .received_at = common::WallNow(),
                              .request_id = std::string(32, 'a'),
                              .content_type = kPlanted,
                              .traceparent = {}});
  }

  void ProduceCallbacks(const std::vector<std::string>& processes) {
    std::vector<Record> records;
    for (const std::string& process : processes) {
      records.push_back({.key = process,
                         .value = R"({"dossierId":"d","processId":")" + process +
                                  R"(","status":"accepted","lastName":")" + kPlanted + R"("})",
                         .headers = HeadersOf("onfido")});
    }
    records.push_back(
        {.key = "unreadable", .value = "no json: " + kPlanted, .headers = HeadersOf("paper")});
    kafka.Produce(topics.callbacks, records);
  }

  KafkaClient kafka;
  EchoingApi api;
  std::string name;
  common::TopicNames topics;
  TempDirectory directory;
};

TEST_F(ConsumerSecretsTest, AreNeitherLoggedNorCountedForAnyAnswerOfApi) {
  const auto config = directory.Write("consumer.yaml", Yaml());
  Process consumer(Binary("consumer"), {"--config", config.string()});
  ASSERT_TRUE(consumer.WaitForOutput("\"event\":\"consumer.started\"", seconds(20)))
      << consumer.Describe();
  const std::vector<std::string> processes = {
      "ok",         "status-302", "status-400", "status-403", "status-404", "status-410",
      "status-413", "status-422", "status-429", "status-500", "status-503", "garbage"};
  ProduceCallbacks(processes);
  ASSERT_TRUE(WaitUntil(
      [&] {
        return kafka.ReadAll(topics.processes).size() == 1 &&
               kafka.ReadAll(topics.dead).size() == processes.size();
      },
      seconds(40), std::chrono::milliseconds(300)))
      << kafka.ReadAll(topics.dead).size() << " dead letters";

  // All of it was there to leak.
  EXPECT_THAT(kafka.ReadAll(topics.processes).at(0).value.value_or(""), HasSubstr(kPlanted));
  EXPECT_THAT(api.authorizations(),
              AllOf(HasSubstr("Bearer token-" + kPlanted), HasSubstr("Basic aWQ6" + kInBase64)));
  const std::string log = consumer.StandardError();
  const std::string mark = "\"admin_port\":";
  ASSERT_NE(log.find(mark), std::string::npos);
  const int port = std::stoi(log.substr(log.find(mark) + mark.size()));
  for (const char* path : {"/metrics", "/readyz", "/livez"}) {
    const HttpAnswer answer = Get("http://127.0.0.1:" + std::to_string(port) + path);
    EXPECT_NE(answer.status, 0) << path;
    EXPECT_THAT(answer.body, IsQuiet()) << path;
  }
  EXPECT_EQ(consumer.Terminate(seconds(20)), 0);
  EXPECT_THAT(consumer.StandardError(), IsQuiet());
  EXPECT_THAT(consumer.StandardOutput(), IsQuiet());
  for (const Record& letter : kafka.ReadAll(topics.dead)) {
    for (const common::RecordHeader& header : letter.headers) {
      if (!header.name.starts_with("dead.")) continue;
      EXPECT_THAT(header.value, IsQuiet()) << header.name;
    }
  }
  EXPECT_EQ(ContractBreaches(kafka, topics), "");
}

TEST_F(ConsumerSecretsTest, AreNotInMessagesAboutInvalidConfiguration) {
  const std::string good = Yaml();
  const auto check = [&](const std::string& more, int status) {
    const auto file = directory.Write("consumer.yaml", more);
    const Finished run = RunProgram(Binary("consumer"), {"--config", file.string(), "--check"},
                                    seconds(20), {{"PLANTED", kPlanted}});
    EXPECT_EQ(run.status, status) << more << run.error_output;
    EXPECT_THAT(run.output + run.error_output, IsQuiet()) << more;
  };
  check(good, 0);
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  const std::string secret = "client_secret: " + kPlanted;
  for (const char* wrong : {"client_secret: [zq-needle-qz]", "client_secret: { zq-needle-qz: x }",
                            "client_secret: \"zq-needle-qz", "client_secrat: zq-needle-qz",
                            "client_secret: zq-needle-qz\n  client_secret_file: /missing",
                            "client_secret: zq-needle-qz\n  client_secret: zq-needle-qz"}) {
    check(replaced(secret, wrong), 2);
  }
  for (const char* line :
       {"commit_interval: 50ms", "  scope: signicat-api", "admin: 127.0.0.1:0"}) {
    const std::string key = std::string(line).substr(0, std::string(line).find(':'));
    check(replaced(line, key + ": { x: \"${PLANTED}\" }"), 2);
  }
  check(replaced("commit_interval: 50ms", "commit_interval: \"${PLANTED}\""), 2);
  check(replaced("base_url: http", "base_url: \"${PLANTED}\" #"), 2);
  check(replaced("max_age: 2s", "max_age: \"${PLANTED}\", redact: [\"${PLANTED}\"]"), 2);
}

TEST_F(ConsumerSecretsTest, AreNotPrintedByToolsThatSendTestCallbacks) {
  const std::string target = api.Url("/callbacks/status-401");
  const Finished sent =
      RunProgram(Binary("sluicectl"),
                 {"send", "--provider", "onfido", "--target", target, "--authorization", kPlanted},
                 seconds(20));
  EXPECT_THAT(sent.output + sent.error_output, IsQuiet());
  const Finished delivered =
      RunProgram(Binary("assure-sim"),
                 {"deliver", "--target", target, "--count", "3", "--providers", "paper:1",
                  "--speed", "100000", "--authorization", kPlanted},
                 seconds(20));
  EXPECT_THAT(delivered.output + delivered.error_output, IsQuiet());
  EXPECT_THAT(api.authorizations(), HasSubstr(kPlanted));
}

}  // namespace
}  // namespace tests
