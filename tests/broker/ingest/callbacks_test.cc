#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/base/sha256.h"
#include "common/config/environment.h"
#include "common/signature/signature.h"
#include "tests/component/ingest/support/raw_connection.h"
#include "tests/component/ingest/support/running_ingest.h"
#include "tests/harness/broker.h"
#include "tests/harness/process.h"
#include "tests/support/http_client.h"
#include "tests/support/kafka_client.h"
#include "tests/support/temp_directory.h"

// The records on the topic after a 200, against a real broker.
namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Pair;

constexpr const char* kBody =
    R"({"dossierId":"54a1ad5f-74dd-47ba-b992-1cb2b4636341",)"
    R"("processId":" 3065980B-F26B-4EC2-8987-7833B7781DAE ","status":"accepted"})";

class CallbacksTest : public ::testing::Test {
 protected:
  CallbacksTest()
      : kafka(tests::Broker::Shared().bootstrap()),
        topic(kafka.CreateUniqueTopic("callbacks", {.partitions = 12})) {}

  [[nodiscard]] RunningIngest::Options Options() const {
    return {.bootstrap = tests::Broker::Shared().bootstrap(), .topic = topic};
  }

  /// The headers of the only record, in their order.
  static std::vector<std::pair<std::string, std::string>> HeadersOf(const tests::Record& record) {
    std::vector<std::pair<std::string, std::string>> headers;
    for (const common::RecordHeader& header : record.headers) {
      headers.emplace_back(header.name, header.value);
    }
    return headers;
  }

  tests::KafkaClient kafka;
  std::string topic;
};

TEST_F(CallbacksTest, HaveTheAnswersRequestIdAndUtf8HeadersInTheirRecord) {
  RunningIngest ingest(Options());
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(10)));
  RawConnection connection(ingest.port());
  connection.Send(
      PostOf("/callbacks/caf\xE9", "onfido-secret", kBody, "Content-Type: text/\xFF\r\n"));
  const auto answer = connection.ReadAnswer();
  ASSERT_EQ(Summary(answer), "200");
  const std::vector<tests::Record> records = kafka.ReadAll(topic);
  ASSERT_EQ(records.size(), 1U);
  const auto header = [&](const char* name) {
    return std::string(common::LastHeader(records[0].headers, name).value_or("none"));
  };
  EXPECT_EQ(header("provider"), "caf%E9");
  EXPECT_EQ(header("content-type"), "text/%FF");
  EXPECT_THAT(*answer, HasSubstr("\r\nX-Request-Id: " + header("request-id") + "\r\n"));
}

TEST_F(CallbacksTest, CarryTheDocumentedKeyValueAndHeaders) {
  RunningIngest ingest(Options());
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(10)));
  const auto before = common::WallNow();
  const std::string traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  RawConnection connection(ingest.port());
  connection.Send(PostOf("/callbacks/SignicatVideoID/?secret=1", "eid-secret", kBody,
                         "Content-Type: application/json; charset=utf-8\r\n"
                         "X-Request-Id: not-this-one\r\n"
                         "traceparent: " +
                             traceparent + "\r\n"));
  ASSERT_EQ(Summary(connection.ReadAnswer()), "200");
  const auto after = common::WallNow();

  const std::vector<tests::Record> records = kafka.ReadAll(topic);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].key, "3065980b-f26b-4ec2-8987-7833b7781dae");
  EXPECT_EQ(records[0].value, kBody);
  EXPECT_THAT(HeadersOf(records[0]),
              ElementsAre(Pair("provider", "eid"),
                          Pair("received-at", MatchesRegex("....-..-..T..:..:..\\....Z")),
                          Pair("request-id", MatchesRegex("[0-9a-f]+")),
                          Pair("content-type", "application/json; charset=utf-8"),
                          Pair("traceparent", traceparent), Pair("schema", "1"),
                          Pair("ingest-instance", common::config::HostName())));
  const auto received_at =
      common::ParseRfc3339(*common::LastHeader(records[0].headers, "received-at"));
  EXPECT_GE(received_at, before);
  EXPECT_LE(received_at, after);
}

TEST_F(CallbacksTest, StoreSignedEventsUnderKeyAndIdOfTheirRow) {
  RunningIngest::Options options = Options();
  options.more_providers =
      "  hooks: { kind: events, fetch: none, signature: { preset: standard-webhooks, secrets: "
      "[whsec_Zm9v] }, extract: { processId: /data/processId, type: /type } }\n";
  RunningIngest ingest(options);
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(10)));
  const auto post = [&](const std::string& id, const std::string& body, const std::string& key) {
    const std::string now = std::to_string(
        std::chrono::duration_cast<seconds>(common::WallNow().time_since_epoch()).count());
    RawConnection connection(ingest.port());
    connection.Send(PostOf("/callbacks/hooks", "", body,
                           "webhook-id: " + id + "\r\nwebhook-timestamp: " + now +
                               "\r\nwebhook-signature: " +
                               Sign(common::StandardWebhooks(), key, id, now, body) + "\r\n"));
    return Summary(connection.ReadAnswer());
  };
  const std::string fact = R"({"type":"done","data":{"processId":" P-1 "}})";
  EXPECT_EQ(post("msg_1", fact, "foo"), "200");
  EXPECT_EQ(post("msg_2", R"({"type":"ping"})", "foo"), "200") << "a ping";
  EXPECT_EQ(post("msg_3", fact, "bar"), "401");

  std::vector<tests::Record> records = kafka.ReadAll(topic);
  std::ranges::sort(records, {}, &tests::Record::key);
  ASSERT_EQ(records.size(), 2U) << "nothing is stored of the wrong one";
  EXPECT_EQ(records[0].key, "P-1");
  EXPECT_EQ(records[0].value, fact);
  EXPECT_EQ(common::LastHeader(records[0].headers, "provider"), "hooks");
  EXPECT_EQ(common::LastHeader(records[0].headers, "event-id"), "msg_1");
  EXPECT_EQ(records[1].key, "msg_2");
  EXPECT_EQ(common::LastHeader(records[1].headers, "event-id"), "msg_2");
}

TEST_F(CallbacksTest, KeepUnreadableBodiesUnchangedUnderTheirHash) {
  RunningIngest ingest(Options());
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(10)));
  const std::vector<std::string> bodies = {std::string(), std::string("\0\xFF\r\n", 4), "not json",
                                           "[]", R"({"dossierId":"d"})"};
  RawConnection connection(ingest.port());
  std::map<std::string, std::string> expected;
  for (const std::string& body : bodies) {
    connection.Send(PostOf("/callbacks/readid", "readid-secret", body));
    ASSERT_EQ(Summary(connection.ReadAnswer()), "200") << body;
    expected.emplace(common::Sha256Hex(body), body);
  }
  std::map<std::string, std::string> found;
  for (const tests::Record& record : kafka.ReadAll(topic)) {
    ASSERT_TRUE(record.key && record.value) << "key and value must not be null";
    found.emplace(*record.key, *record.value);
  }
  EXPECT_EQ(found, expected);
}

TEST_F(CallbacksTest, KeepTheNameOfAnUnknownProvider) {
  RunningIngest ingest(Options());
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(10)));
  RawConnection connection(ingest.port());
  const auto names_after = [&](const std::string& path) -> std::string {
    connection.Send(PostOf(path, "onfido-secret", path));
    EXPECT_EQ(Summary(connection.ReadAnswer()), "200") << path;
    for (const tests::Record& record : kafka.ReadAll(topic)) {
      if (record.value != path) continue;
      const auto text_of = [&record](std::string_view name) {
        return std::string(common::LastHeader(record.headers, name).value_or("(absent)"));
      };
      return text_of("provider") + " as " + text_of("authenticated-as");
    }
    return "(no record)";
  };
  EXPECT_EQ(names_after("/callbacks/OnfidoO"), "OnfidoO as onfido");
  EXPECT_EQ(names_after("/callbacks/onfido/deeper"), "onfido/deeper as onfido");
  EXPECT_EQ(names_after("/callbacks/"), "(absent) as onfido");
  EXPECT_EQ(names_after("/callbacks/onfido"), "onfido as (absent)");
}

TEST_F(CallbacksTest, AcceptABodyOfExactlyTheLargestSize) {
  auto options = Options();
  options.more = "max_body: 2MiB\n";  // Above the defaults of librdkafka and the topic.
  topic = kafka.CreateUniqueTopic(
      "callbacks", {.partitions = 1, .configs = {{"max.message.bytes", "12582912"}}});
  options.topic = topic;
  RunningIngest ingest(options);
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(10)));
  const std::string body(2 * 1024 * 1024, 'x');
  RawConnection connection(ingest.port());
  connection.Send(PostOf("/callbacks/onfido", "onfido-secret", body));
  EXPECT_EQ(Summary(connection.ReadAnswer()), "200");
  connection.Send(
      "POST /callbacks/onfido HTTP/1.1\r\nHost: a\r\nAuthorization: onfido-secret\r\n"
      "Transfer-Encoding: chunked\r\n\r\n200000\r\n" +
      body + "\r\n0\r\n\r\n");
  EXPECT_EQ(Summary(connection.ReadAnswer()), "200");
  for (const tests::Record& record : kafka.ReadAll(topic)) EXPECT_EQ(record.value, body);
}

TEST_F(CallbacksTest, AreNotStoredForARefusedRequest) {
  RunningIngest ingest(Options());
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(10)));
  RawConnection wrong(ingest.port());
  wrong.Send(PostOf("/callbacks/onfido", "wrong", kBody));
  EXPECT_EQ(Summary(wrong.ReadAnswer()), "401");
  RawConnection early(ingest.port());
  early.Send(
      "POST /callbacks/onfido HTTP/1.1\r\nHost: a\r\nAuthorization: onfido-secret\r\n"
      "Content-Length: 9\r\n\r\n{}");
  early.EndSending();
  EXPECT_EQ(StatusOf(early.ReadAnswer()), 408);
  EXPECT_THAT(kafka.ReadAll(topic), IsEmpty());
}

TEST_F(CallbacksTest, UseThePartitionThatJavaClientsChoose) {
  RunningIngest ingest(Options());
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(10)));
  ASSERT_EQ(tests::Post(ingest.Url("/callbacks/onfido"), R"({"processId":"foobar"})",
                        {{"Authorization", "onfido-secret"}})
                .status,
            200);
  // murmur2("foobar") & 0x7fffffff = 1357151166, a value from Kafka's own tests.
  EXPECT_EQ(kafka.ReadAll(topic).at(0).partition, 1357151166 % 12);
}

class StartUpCheckTest : public CallbacksTest {
 protected:
  tests::Finished Run(const RunningIngest::Options& options) {
    const auto config = directory.Write("ingest.yaml", RunningIngest::ConfigText(options));
    return tests::RunProgram(tests::Binary("ingest"), {"--config", config.string()}, seconds(20));
  }
  tests::TempDirectory directory;
};

TEST_F(StartUpCheckTest, ExitsWithStatus1AndAdviceIfTheTopicIsMissing) {
  auto options = Options();
  options.topic = tests::UniqueName("missing");
  const auto run = Run(options);
  EXPECT_EQ(run.status, 1) << run.error_output;
  EXPECT_THAT(run.error_output, HasSubstr("topic.refused"));
  EXPECT_THAT(run.error_output, HasSubstr(options.topic));
}

TEST_F(StartUpCheckTest, RefusesCallbacksWhileTheTopicIsDeleted) {
  RunningIngest ingest(Options());
  ASSERT_TRUE(ingest.WaitUntilReady(seconds(10)));
  kafka.DeleteTopic(topic);
  EXPECT_TRUE(ingest.WaitUntilNotReady(seconds(15)));
  EXPECT_EQ(tests::Post(ingest.Url("/callbacks/readid"), "{}", {{"Authorization", "readid-secret"}})
                .status,
            429);
  EXPECT_TRUE(ingest.process().IsRunning());
  kafka.CreateTopic(topic, {.partitions = 12});
  EXPECT_TRUE(ingest.WaitUntilReady(seconds(15)));
  EXPECT_EQ(tests::Post(ingest.Url("/callbacks/readid"), "{}", {{"Authorization", "readid-secret"}})
                .status,
            200);
}

}  // namespace
}  // namespace ingest
