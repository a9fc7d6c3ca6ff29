// Kafka behaves as ops/ctl/erase/record_end.h assumes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>

#include "common/base/rfc3339.h"
#include "tests/harness/broker.h"
#include "tests/harness/json.h"
#include "tests/harness/process.h"
#include "tests/support/kafka_client.h"
#include "tests/support/wait_until.h"

namespace ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kDossier = "54a1ad5f-74dd-47ba-b992-1cb2b4636341";

tests::Record Naming(const std::string& dossier) {
  return {.key = "p", .value = R"({"dossierId":")" + dossier + R"(","processId":"p"})"};
}

/// A broker that looks for old segments five times a second.
class RecordEndOnKafka : public testing::Test {
 protected:
  void Create(const std::string& topic, const std::string& timestamps) {
    kafka.CreateTopic(topic, {.partitions = 1,
                              .configs = {{"message.timestamp.type", timestamps},
                                          {"retention.ms", "3000"},
                                          {"segment.ms", "2000"},
                                          {"file.delete.delay.ms", "1000"}}});
  }

  /// By topic: the time at which its record is gone at the latest.
  std::map<std::string, common::WallTime> Ends() {
    const auto finished = tests::RunProgram(
        tests::Binary("sluicectl"),
        {"erase", "--dossier", kDossier, "--json", "--bootstrap", broker->bootstrap()},
        seconds(60));
    std::map<std::string, common::WallTime> ends;
    const auto document = tests::ParseJson(finished.output);
    for (const auto& record : document["records"].GetArray()) {
      const auto end = common::ParseRfc3339(tests::TextIn(record, "goneBy"));
      if (end) ends[tests::TextIn(record, "topic")] = *end;
    }
    return ends;
  }

  std::unique_ptr<tests::Broker> broker = tests::Broker::Start(
      1, {"log.retention.check.interval.ms=200", "log.initial.task.delay.ms=100"});
  tests::KafkaClient kafka{broker->bootstrap()};
};

// On a topic that nobody writes to any more, the record is in the active segment.
TEST_F(RecordEndOnKafka, ComesOnIdleAndOnBusyTopics) {
  for (const std::string topic : {"processes", "callbacks"}) Create(topic, "LogAppendTime");
  for (const std::string topic : {"callbacks.dead", "callbacks.seen"}) Create(topic, "CreateTime");
  for (const std::string topic : {"processes", "callbacks", "callbacks.dead"}) {
    kafka.Produce(topic, {Naming(kDossier)});
  }
  const auto ends = Ends();  // Of a slow sluicectl perhaps not all.
  const auto names_it = [&] {
    kafka.Produce("callbacks", {Naming("another")});  // Its segments take no more than 2 s.
    int count = 0;
    for (const std::string topic : {"processes", "callbacks", "callbacks.dead"}) {
      for (const tests::Record& record : kafka.ReadAll(topic)) {
        if (record.value == Naming(kDossier).value) ++count;
      }
    }
    return count > 0;
  };
  EXPECT_TRUE(tests::WaitUntil([&] { return !names_it(); }, seconds(60), milliseconds(50)));
  for (const auto& [topic, end] : ends) EXPECT_LE(common::WallNow(), end) << topic;
}

}  // namespace
}  // namespace ctl
