// Each security carries callbacks to their results; the rights that operations.md lists suffice,
// and those of tenants.md keep two tenants apart.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <regex>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "common/kafka/client_config.h"
#include "common/kafka/handles.h"
#include "tests/broker/security/access_world.h"
#include "tests/broker/security/acl_writer.h"
#include "tests/harness/pipeline.h"
#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

namespace tests {
namespace {

using std::chrono::seconds;
using testing::AnyOf;
using testing::HasSubstr;
using Resource = Allowance::Resource;
using Operation = Allowance::Operation;

AccessWorld& World() { return AccessWorld::Shared(); }

std::unique_ptr<Pipeline> PipelineOf(const std::string& prefix) {
  PipelineOptions options{.bootstrap = World().broker->bootstrap(), .prefix = prefix, .plan = {}};
  options.plan.partitions = 2;
  options.plan.replication = 1;
  return std::make_unique<Pipeline>(std::move(options));
}

/// As in ops/docs/tenants.md.
void AllowPrefix(const std::string& principal, const std::string& prefix) {
  std::vector<Allowance> rights;
  for (const Operation operation :
       {Operation::kRead, Operation::kWrite, Operation::kDescribeConfigs}) {
    rights.push_back({Resource::kTopic, prefix, operation, principal, true});
  }
  rights.push_back({Resource::kGroup, prefix, Operation::kRead, principal, true});
  rights.push_back({Resource::kTransactionalId, prefix, Operation::kWrite, principal, true});
  Allow(World().broker->bootstrap(), rights);
}

/// Sends three callbacks. Expects this many results at the end.
void ExpectResults(Pipeline& pipeline, std::size_t results) {
  const Delivered delivered = pipeline.Deliver({"--count=3", "--providers=onfido:1"});
  EXPECT_EQ(delivered.Statuses("onfido"), std::set<std::string>{"200"}) << delivered.report;
  EXPECT_TRUE(pipeline.AwaitAllDisposed(seconds(60))) << pipeline.Describe();
  EXPECT_EQ(pipeline.Results().size(), results) << pipeline.Describe();
}

void RunPipeline(Pipeline& pipeline) {
  pipeline.StartIngest();
  pipeline.StartConsumer();
  ExpectResults(pipeline, 3);
}

void Use(Pipeline& pipeline, const Security& security) {
  for (const auto& [key, value] : security.properties) {
    pipeline.ingest_kafka[key] = value;
    pipeline.consumer_kafka[key] = value;
  }
}

struct Working {
  Security security;
  std::string principal;  ///< Empty: a super user.
};

TEST(Securities, CarryCallbacksToTheirResults) {
  std::vector<Working> all = {{World().Plain(), "User:sluice"},
                              {World().Oauth(), "User:sluice"},
                              {World().MutualTls(), "User:CN=sluice test"},
                              {World().Tls(), ""}};
  // Kafka 4 refuses what librdkafka before 2.6.1 sends (confluentinc/librdkafka#4895).
  constexpr int kScramWorks = 0x020601ff;
  if (rd_kafka_version() >= kScramWorks) all.push_back({World().Scram(), "User:sluice"});
  for (const Working& way : all) {
    SCOPED_TRACE(way.security.name);
    const std::string prefix = "works-" + way.security.name + ".";
    if (!way.principal.empty()) AllowPrefix(way.principal, prefix);
    const auto pipeline = PipelineOf(prefix);
    Use(*pipeline, way.security);
    RunPipeline(*pipeline);
  }
}

// Tokens of 20 s are renewed after 16 s; the broker ends a session whose token has expired.
TEST(Securities, OauthbearerOutlivesItsTokens) {
  AllowPrefix("User:sluice", "renewed.");
  const auto pipeline = PipelineOf("renewed.");
  Use(*pipeline, World().Oauth());
  RunPipeline(*pipeline);
  const int before = World().tokens.requests();
  ASSERT_TRUE(WaitUntil([&] { return World().tokens.requests() >= before + 3; }, seconds(60)));
  ExpectResults(*pipeline, 6);
}

// ---- The rights of operations.md

Resource ResourceOf(const std::string& word) {
  static const std::map<std::string, Resource> resources = {
      {"topic", Resource::kTopic},
      {"group", Resource::kGroup},
      {"transactional id", Resource::kTransactionalId},
      {"cluster", Resource::kCluster}};
  return resources.at(word);
}

Operation OperationOf(const std::string& word) {
  static const std::map<std::string, Operation> operations = {
      {"Read", Operation::kRead},
      {"Write", Operation::kWrite},
      {"Describe", Operation::kDescribe},
      {"DescribeConfigs", Operation::kDescribeConfigs}};
  return operations.at(word);
}

/// The rows "| program | resource `name` | operations | … |" of the table, for the names of this
/// pipeline.
std::vector<Allowance> RightsOfTable(const std::string& prefix) {
  std::vector<Allowance> rights;
  std::istringstream lines(ReadFile(SourcePath("ops/docs/operations.md")));
  const std::regex row(
      R"(^\| `(ingest|consumer|sluicectl)` \| (topic|group|transactional id|cluster) `([^`]+)` \| ([A-Za-z, ]+) \|.*\|$)");
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (!std::regex_match(line, found, row)) continue;
    std::string name = found[3];
    const Resource resource = ResourceOf(found[2]);
    if (resource != Resource::kCluster) {
      name = std::regex_replace(name, std::regex("<group>"), prefix + "sluice");
      name = std::regex_replace(name, std::regex("<instance>-<lane>"), prefix + "consumer-a-0");
      if (resource == Resource::kTopic) name.insert(0, prefix);
    }
    std::istringstream operations(found[4]);
    for (std::string operation; std::getline(operations, operation, ',');) {
      operation.erase(0, operation.find_first_not_of(' '));
      rights.push_back({resource, name, OperationOf(operation), "User:" + found[1].str()});
    }
  }
  return rights;
}

Security As(const std::string& user) {
  Security security = World().Plain();
  security.properties["sasl.username"] = user;
  return security;
}

Finished Sluicectl(const Pipeline& pipeline, const std::string& user,
                   std::vector<std::string> arguments) {
  const TempDirectory files;
  std::string yaml =
      "group: " +
      pipeline.topics().callbacks.substr(0, pipeline.topics().callbacks.find("callbacks")) +
      "sluice\nkafka:\n";
  for (const auto& [key, value] : As(user).properties) yaml += "  " + key + ": \"" + value + "\"\n";
  yaml += "topics: { callbacks: " + pipeline.topics().callbacks +
          ", seen: " + pipeline.topics().seen + ", processes: " + pipeline.topics().processes +
          ", dead: " + pipeline.topics().dead + " }\n";
  arguments.insert(arguments.end(), {"--config", files.Write("ctl.yaml", yaml)});
  return RunProgram(Binary("sluicectl"), std::move(arguments), seconds(60));
}

TEST(Rights, SufficeAsDocumentedForPipelineAndSluicectl) {
  const std::string prefix = "rights.";
  const std::vector<Allowance> rights = RightsOfTable(prefix);
  ASSERT_GE(rights.size(), 15U);
  Allow(World().broker->bootstrap(), rights);
  const auto pipeline = PipelineOf(prefix);
  for (const auto& [key, value] : As("ingest").properties) pipeline->ingest_kafka[key] = value;
  for (const auto& [key, value] : As("consumer").properties) pipeline->consumer_kafka[key] = value;
  RunPipeline(*pipeline);
  const Finished consumer = RunProgram(
      Binary("consumer"), {"--config", pipeline->consumer_yaml().string(), "--check", "--online"},
      seconds(60));
  // Without Describe on the cluster, Debian 12's librdkafka cannot list the ACLs.
  EXPECT_THAT(consumer.output, AnyOf(HasSubstr("ok acl: "), HasSubstr("unasked acl: ")));

  const std::string id = *pipeline->Callbacks().front().key;
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"status"},
                                             {"topics", "check"},
                                             {"trace", id},
                                             {"audit", "--since", "1h"},
                                             {"audit", "--since", "1h", "--deep"},
                                             {"dead", "list"},
                                             {"transactions"}}) {
    const Finished run = Sluicectl(*pipeline, "sluicectl", command);
    EXPECT_THAT(run.status, AnyOf(0, 3)) << command.front() << "\n"
                                         << run.output << run.error_output;
    EXPECT_THAT(run.output + run.error_output, testing::Not(HasSubstr("uthoriz")))
        << command.front();
  }
}

// ---- Two tenants

std::set<std::string> TopicsSeenBy(const std::string& user) {
  const common::kafka::Properties properties = As(user).properties;
  const auto client = common::kafka::NewProducer(*common::kafka::BuildConf({&properties}));
  const rd_kafka_metadata_t* answer = nullptr;
  EXPECT_EQ(rd_kafka_metadata(client->get(), 1, nullptr, &answer, 20'000),
            RD_KAFKA_RESP_ERR_NO_ERROR);
  const common::kafka::Metadata metadata(answer);
  std::set<std::string> names;
  for (const auto& topic : std::span(answer->topics, static_cast<std::size_t>(answer->topic_cnt))) {
    names.insert(topic.topic);
  }
  return names;
}

TEST(Tenants, SeeNothingOfEachOther) {
  const auto red = PipelineOf("red.");
  const auto blue = PipelineOf("blue.");
  for (const auto& [user, pipeline] : {std::pair("red", red.get()), {"blue", blue.get()}}) {
    AllowPrefix("User:" + std::string(user), std::string(user) + ".");
    Use(*pipeline, As(user));
    RunPipeline(*pipeline);
  }
  ExpectResults(*red, 6);  // Still, with the other one beside it.
  EXPECT_THAT(TopicsSeenBy("red"), testing::Each(testing::StartsWith("red.")));
  EXPECT_THAT(TopicsSeenBy("blue"), testing::Each(testing::StartsWith("blue.")));
  EXPECT_EQ(TopicsSeenBy("red").size(), 5U);
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"status"}, {"dead", "list"}, {"audit", "--since", "1h"}}) {
    const Finished run = Sluicectl(*blue, "red", command);
    EXPECT_EQ(run.status, 1) << command.front() << "\n" << run.output << run.error_output;
    EXPECT_THAT(run.output, testing::Not(HasSubstr(*blue->Callbacks().front().key)));
  }
}

}  // namespace
}  // namespace tests
