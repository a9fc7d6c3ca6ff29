// One trace for a callback, from its POST to its result: in a collector of our own, and in Jaeger
// if SLUICE_TEST_JAEGER names its all-in-one program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/base/guarded.h"
#include "common/domain/record_headers.h"
#include "common/domain/topics.h"
#include "ops/simulator/port_hold.h"
#include "tests/component/consumer/http/raw_server.h"
#include "tests/harness/json.h"
#include "tests/harness/process.h"
#include "tests/support/http_client.h"
#include "tests/support/wait_until.h"
#include "tests/system/fixture.h"

namespace tests {
namespace {

using common::LastHeader;
using testing::ElementsAre;

constexpr auto kLimit = std::chrono::seconds(60);
constexpr const char* kTrace = "0af7651916cd43dd8448eb211c80319c";
constexpr const char* kSender = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
/// The same sender's second attempt, within its trace.
constexpr const char* kSenderAgain = "00-0af7651916cd43dd8448eb211c80319c-c8be7c827a314442-01";
constexpr const char* kBody =
    R"({"dossierId":"traced-dossier","processId":"traced-process","status":"accepted"})";

struct SeenSpan {
  std::string trace;
  std::string id;
  std::string parent;
  std::string name;
  std::string service;
  std::map<std::string, std::string> attributes;
};

/// The members of OTLP's messages in JSON (opentelemetry/proto, v1).
const std::map<std::string, std::set<std::string>>& MembersByMessage() {
  static const std::map<std::string, std::set<std::string>> kMembers = {
      {"request", {"resourceSpans"}},
      {"resourceSpans", {"resource", "scopeSpans", "schemaUrl"}},
      {"resource", {"attributes", "droppedAttributesCount", "entityRefs"}},
      {"scopeSpans", {"scope", "spans", "schemaUrl"}},
      {"scope", {"name", "version", "attributes", "droppedAttributesCount"}},
      {"spans",
       {"traceId", "spanId", "traceState", "parentSpanId", "flags", "name", "kind",
        "startTimeUnixNano", "endTimeUnixNano", "attributes", "droppedAttributesCount", "events",
        "droppedEventsCount", "links", "droppedLinksCount", "status"}},
      {"status", {"message", "code"}},
      {"attributes", {"key", "value"}},
      {"value",
       {"stringValue", "boolValue", "intValue", "doubleValue", "arrayValue", "kvlistValue",
        "bytesValue"}},
  };
  return kMembers;
}

/// Expects no member that the message does not have, here and below.
void ExpectMembers(const std::string& message, const rapidjson::Value& value) {
  if (value.IsArray()) {
    for (const auto& one : value.GetArray()) ExpectMembers(message, one);
    return;
  }
  if (!value.IsObject()) return;
  const auto known = MembersByMessage().find(message);
  ASSERT_NE(known, MembersByMessage().end()) << message << " is no message";
  for (const auto& member : value.GetObject()) {
    EXPECT_TRUE(known->second.contains(member.name.GetString()))
        << message << " has no " << member.name.GetString();
    ExpectMembers(member.name.GetString(), member.value);
  }
}

std::map<std::string, std::string> AttributesOf(const rapidjson::Value& object) {
  std::map<std::string, std::string> attributes;
  for (const auto& one : object["attributes"].GetArray()) {
    const auto& value = one["value"].MemberBegin()->value;
    attributes[one["key"].GetString()] = value.IsString()  ? value.GetString()
                                         : value.GetBool() ? "true"
                                                           : "false";
  }
  return attributes;
}

/// Takes OTLP/HTTP and keeps the spans.
class FakeCollector {
 public:
  [[nodiscard]] std::string url() const { return server_.Url("/"); }
  [[nodiscard]] std::vector<std::string> bodies() const {
    return bodies_.With([](const auto& bodies) { return bodies; });
  }
  [[nodiscard]] std::vector<SeenSpan> Spans() const {
    std::vector<SeenSpan> spans;
    for (const std::string& body : bodies()) {
      const rapidjson::Document document = ParseJson(body);
      ExpectMembers("request", document);
      const auto& resource = document["resourceSpans"][0];
      const std::string service = AttributesOf(resource["resource"]).at("service.name");
      for (const auto& span : resource["scopeSpans"][0]["spans"].GetArray()) {
        spans.push_back({.trace = TextIn(span, "traceId"),
                         .id = TextIn(span, "spanId"),
                         .parent = TextIn(span, "parentSpanId"),
                         .name = TextIn(span, "name"),
                         .service = service,
                         .attributes = AttributesOf(span)});
      }
    }
    return spans;
  }

 private:
  common::Guarded<std::vector<std::string>> bodies_;
  consumer::RawServer server_{[this](const std::string& request) {
    const bool is_ours = request.starts_with("POST /v1/traces HTTP/1.1\r\n");
    bodies_.With([&](auto& bodies) {
      if (is_ours) bodies.push_back(request.substr(request.find("\r\n\r\n") + 4));
    });
    return consumer::RawServer::Reply{.bytes = consumer::Answer(is_ours ? 200 : 404, "{}")};
  }};
};

/// The names of the spans below `parent` as a tree, with the API's statuses.
std::string TreeBelow(const std::string& parent, const std::vector<SeenSpan>& spans,
                      const std::string& indent = "") {
  std::multiset<std::string> lines;
  for (const SeenSpan& span : spans) {
    if (span.parent != parent) continue;
    std::string line = indent + span.service + ": " + span.name;
    const auto status = span.attributes.find("http.response.status_code");
    if (status != span.attributes.end()) line += " " + status->second;
    lines.insert(line + "\n" + TreeBelow(span.id, spans, indent + "  "));
  }
  std::string tree;
  for (const std::string& line : lines) tree += line;
  return tree;
}

std::string Loopback(const simulator::PortHold& port) {
  return "http://127.0.0.1:" + std::to_string(port.port());
}

class Traces : public SystemTest {
 protected:
  void Start(const std::string& endpoint, const std::string& more = "") {
    const std::string tracing = "{ endpoint: \"" + endpoint + "\"" + more + " }";
    pipeline.ingest_settings["tracing"] = tracing;
    pipeline.consumer_settings["tracing"] = tracing;
    pipeline.StartIngest();
    pipeline.StartConsumer();
  }
  [[nodiscard]] int Send(const std::string& body, HttpFields fields = {},
                         const std::string& provider = "onfido") const {
    fields.emplace_back("Authorization", Pipeline::kAuthorization);
    return Post(pipeline.target() + "/" + provider, body, std::move(fields)).status;
  }
  /// A callback whose first request to the API fails, and its redelivery with these fields.
  void SendACallbackWithARetryAndARedelivery(HttpFields of_redelivery = {}) {
    pipeline.Behave(R"({"status":503,"error_rate":1})");
    ASSERT_EQ(Send(kBody, {{"traceparent", kSender}, {"tracestate", "vendor=1"}}), 200);
    ASSERT_TRUE(WaitUntil([&] { return FetchAttempts("retry") > 0; }, kLimit));
    pipeline.Behave(R"({"status":200})");
    ASSERT_TRUE(WaitUntil([&] { return pipeline.Results().size() == 1; }, kLimit));
    ASSERT_EQ(Send(kBody, std::move(of_redelivery)), 200);
    ASSERT_TRUE(pipeline.AwaitAllDisposed());
  }
  /// True if the second attempt of a sender that keeps to its trace is there as a redelivery.
  [[nodiscard]] bool HasTheRedelivery(const std::vector<SeenSpan>& spans) const {
    const std::string& callbacks = pipeline.topics().callbacks;
    const bool is_told = std::ranges::any_of(spans, [](const SeenSpan& span) {
      return span.trace == kTrace && span.attributes.contains("sluice.redelivery");
    });
    return is_told && TreeBelow("c8be7c827a314442", spans) ==
                          "sluice-ingest: POST /callbacks/{provider} 200\n"
                          "  sluice-ingest: send " +
                              callbacks + "\n    sluice-consumer: process " + callbacks + "\n";
  }
  /// The tree below the sender's span, with one failed request.
  static std::string TheTree(std::vector<SeenSpan> spans) {
    // As many requests may have failed as the API was down for.
    std::erase_if(spans, [](const SeenSpan& span) {
      const auto status = span.attributes.find("http.response.status_code");
      return status != span.attributes.end() && status->second == "503" &&
             span.attributes.contains("http.request.resend_count");
    });
    return TreeBelow("b7ad6b7169203331", spans);
  }
  [[nodiscard]] std::string ExpectedTree() const {
    const common::TopicNames& topics = pipeline.topics();
    return "sluice-ingest: POST /callbacks/{provider} 200\n"
           "  sluice-ingest: send " +
           topics.callbacks +
           "\n"
           "    sluice-consumer: process " +
           topics.callbacks +
           "\n"
           "      sluice-consumer: GET /dossiers/{dossierId} 200\n"
           "      sluice-consumer: GET /dossiers/{dossierId}/processes/{processId} 200\n"
           "      sluice-consumer: GET /dossiers/{dossierId}/processes/{processId} 503\n"
           "      sluice-consumer: send " +
           topics.processes + "\n";
  }
  [[nodiscard]] double FetchAttempts(const std::string& result) const {
    const std::string page = Get("http://" + pipeline.consumer_admin() + "/metrics").body;
    const std::string series =
        R"(sluice_consumer_fetch_attempts_total{resource="process",result=")" + result + "\"} ";
    const std::size_t at = page.find(series);
    return at == std::string::npos ? 0 : std::stod(page.substr(at + series.size()));
  }
};

TEST_F(Traces, LeadFromThePostToTheResult) {
  FakeCollector collector;
  Start(collector.url());
  SendACallbackWithARetryAndARedelivery();
  const std::string& callbacks = pipeline.topics().callbacks;
  const auto of_trace = [&] {
    std::vector<SeenSpan> spans;
    for (SeenSpan& span : collector.Spans()) {
      if (span.trace == kTrace) spans.push_back(std::move(span));
    }
    return spans;
  };
  const auto has_redelivery = [&] {
    return std::ranges::any_of(collector.Spans(), [&](const SeenSpan& span) {
      return span.name == "process " + callbacks && span.attributes.contains("sluice.redelivery");
    });
  };
  // Both programs send their spans in their own time.
  std::vector<SeenSpan> spans;
  const bool is_whole = WaitUntil(
      [&] {
        spans = of_trace();
        return TheTree(spans) == ExpectedTree() && has_redelivery();
      },
      kLimit);
  ASSERT_EQ(TheTree(spans), ExpectedTree());
  ASSERT_TRUE(is_whole) << "no span of the redelivery";

  // The redelivery came without a context: a trace of its own.
  std::vector<std::string> redelivery;
  for (const SeenSpan& span : collector.Spans()) {
    if (span.trace != kTrace && span.attributes.contains("sluice.redelivery")) {
      redelivery.push_back(span.attributes.at("sluice.process_id"));
    }
  }
  EXPECT_THAT(redelivery, ElementsAre("traced-process"));

  // A reader of the result can continue the trace.
  const std::vector<Record> results = pipeline.Results();
  ASSERT_EQ(results.size(), 1U);
  const auto sent =
      std::ranges::find(spans, "send " + pipeline.topics().processes, &SeenSpan::name);
  ASSERT_NE(sent, spans.end());
  EXPECT_TRUE(sent->attributes.contains("messaging.system"));
  EXPECT_EQ(LastHeader(results[0].headers, "traceparent"),
            "00-" + std::string(kTrace) + "-" + sent->id + "-01");
  EXPECT_EQ(LastHeader(results[0].headers, "tracestate"), "vendor=1");
}

TEST_F(Traces, HoldTheRedeliveriesOfASenderThatKeepsToItsTrace) {
  FakeCollector collector;
  Start(collector.url());
  SendACallbackWithARetryAndARedelivery({{"traceparent", kSenderAgain}});
  ASSERT_TRUE(WaitUntil([&] { return HasTheRedelivery(collector.Spans()); }, kLimit))
      << TreeBelow("c8be7c827a314442", collector.Spans());
  EXPECT_TRUE(WaitUntil([&] { return TheTree(collector.Spans()) == ExpectedTree(); }, kLimit))
      << TheTree(collector.Spans());
  if (const char* const file =
          std::getenv("SLUICE_TEST_OTLP_FILE")) {  // NOLINT(concurrency-mt-unsafe)
    std::ofstream out(file);
    for (const std::string& body : collector.bodies()) out << body << "\n";
  }
}

TEST_F(Traces, HoldNothingThatIsNotAnIdOrAName) {
  FakeCollector collector;
  Start(collector.url());
  const std::string body =
      R"({"dossierId":"d","processId":"p","status":"accepted","name":"Ada Lovelace"})";
  ASSERT_EQ(Post(pipeline.target() + "/onfido?secret=in-the-query", body,
                 {{"Authorization", Pipeline::kAuthorization}, {"X-Other", "of-a-header"}})
                .status,
            200);
  ASSERT_TRUE(pipeline.AwaitAllDisposed());
  ASSERT_TRUE(WaitUntil([&] { return collector.Spans().size() >= 6; }, kLimit));
  for (const std::string& sent : collector.bodies()) {
    for (const char* secret : {"Lovelace", "in-the-query", "of-a-header", "of-the-system-tests",
                               "Bearer", "client_secret"}) {
      EXPECT_EQ(sent.find(secret), std::string::npos) << secret;
    }
  }
}

TEST_F(Traces, OfASpooledCallbackGoOnFromTheSpool) {
  FakeCollector collector;
  pipeline.has_spool = true;
  // No record is acknowledged in time, so each one is spooled.
  pipeline.ingest_settings["ack_deadline"] = "10ms";
  pipeline.ingest_kafka["linger.ms"] = "2000";
  Start(collector.url());
  ASSERT_EQ(Send(kBody, {{"traceparent", kSender}, {"tracestate", "vendor=1"}}, "paper"), 200);
  ASSERT_TRUE(WaitUntil([&] { return pipeline.Results().size() == 1; }, kLimit));
  const auto spans = [&] { return collector.Spans(); };
  ASSERT_TRUE(WaitUntil(
      [&] {
        const auto all = spans();
        return std::ranges::any_of(all, [](const SeenSpan& span) {
          return span.trace == kTrace && span.attributes.contains("sluice.process_id");
        });
      },
      kLimit));
  const std::vector<SeenSpan> all = spans();
  const auto sent = std::ranges::find(all, "send " + pipeline.topics().callbacks, &SeenSpan::name);
  ASSERT_NE(sent, all.end());
  EXPECT_EQ(sent->attributes.at("sluice.outcome"), "spooled");
  EXPECT_EQ(LastHeader(pipeline.Callbacks().front().headers, "tracestate"), "vendor=1");
}

TEST_F(Traces, CostNothingButSpansWhileNoCollectorAnswers) {
  const simulator::PortHold nobody = simulator::PortHold::Reserve("127.0.0.1", 0).value();
  Start(Loopback(nobody), ", queue: 4");
  for (int i = 0; i < 20; ++i) {
    const std::string id = std::to_string(i);
    ASSERT_EQ(Send(R"({"dossierId":"d","processId":"p)" + id + R"(","status":"accepted"})"), 200);
  }
  ASSERT_TRUE(pipeline.AwaitAllDisposed());
  EXPECT_EQ(pipeline.Results().size(), 20U);
  const std::string page = Get("http://" + pipeline.ingest_admin() + "/metrics").body;
  EXPECT_THAT(page, testing::HasSubstr("sluice_ingest_spans_total{result=\"sent\"} 0"));
  EXPECT_THAT(page, testing::Not(testing::HasSubstr("spans_total{result=\"dropped\"} 0")));
  EXPECT_EQ(pipeline.ingest().Terminate(kLimit), 0);
  EXPECT_EQ(pipeline.consumer().Terminate(kLimit), 0);
}

/// Jaeger's all-in-one with its memory store.
class Jaeger {
 public:
  Jaeger(const std::string& program, const std::filesystem::path& directory)
      : process_(program,
                 {"--collector.otlp.http.host-port=" + Address(otlp_),
                  "--query.http-server.host-port=" + Address(query_),
                  "--query.grpc-server.host-port=" + Address(others_[0]),
                  "--collector.otlp.grpc.host-port=" + Address(others_[1]),
                  "--collector.grpc-server.host-port=" + Address(others_[2]),
                  "--collector.http-server.host-port=" + Address(others_[3]),
                  "--admin.http.host-port=" + Address(others_[4])},
                 {}, {directory / "jaeger.out", directory / "jaeger.err"}) {}

  [[nodiscard]] std::string url() const { return Loopback(otlp_); }
  /// The trace as its API answers it; empty: it has none.
  [[nodiscard]] std::string Trace(const std::string& id) const {
    const HttpAnswer answer = Get(Loopback(query_) + "/api/traces/" + id);
    return answer.status == 200 ? answer.body : std::string();
  }
  [[nodiscard]] bool Answers() const {
    return Get(Loopback(query_) + "/api/services").status == 200;
  }

 private:
  static std::string Address(const simulator::PortHold& port) {
    return "127.0.0.1:" + std::to_string(port.port());
  }
  static simulator::PortHold Hold() { return simulator::PortHold::Reserve("127.0.0.1", 0).value(); }

  simulator::PortHold otlp_ = Hold();
  simulator::PortHold query_ = Hold();
  std::vector<simulator::PortHold> others_ = HoldAll(5);
  Process process_;

  static std::vector<simulator::PortHold> HoldAll(int count) {
    std::vector<simulator::PortHold> holds;
    for (int i = 0; i < count; ++i) holds.push_back(Hold());
    return holds;
  }
};

std::vector<SeenSpan> SpansOfJaeger(const std::string& json) {
  std::vector<SeenSpan> spans;
  const rapidjson::Document document = ParseJson(json);
  const auto& trace = document["data"][0];
  for (const auto& one : trace["spans"].GetArray()) {
    SeenSpan span{
        .trace = TextIn(one, "traceID"),
        .id = TextIn(one, "spanID"),
        .parent = {},
        .name = TextIn(one, "operationName"),
        .service = TextIn(trace["processes"][one["processID"].GetString()], "serviceName"),
        .attributes = {}};
    if (!one["references"].Empty()) span.parent = TextIn(one["references"][0], "spanID");
    for (const auto& tag : one["tags"].GetArray()) {
      const auto& value = tag["value"];
      span.attributes[tag["key"].GetString()] = value.IsString()  ? value.GetString()
                                                : value.IsInt64() ? std::to_string(value.GetInt64())
                                                                  : "";
    }
    spans.push_back(std::move(span));
  }
  return spans;
}

TEST_F(Traces, LeadFromThePostToTheResultInJaeger) {
  const char* const program = std::getenv("SLUICE_TEST_JAEGER");  // NOLINT(concurrency-mt-unsafe)
  if (program == nullptr) GTEST_SKIP() << "SLUICE_TEST_JAEGER names no program";
  const Jaeger jaeger(program, pipeline.directory());
  ASSERT_TRUE(WaitUntil([&] { return jaeger.Answers(); }, kLimit));
  Start(jaeger.url());
  SendACallbackWithARetryAndARedelivery({{"traceparent", kSenderAgain}});
  std::string json;
  std::vector<SeenSpan> spans;
  const bool is_whole = WaitUntil(
      [&] {
        json = jaeger.Trace(kTrace);
        if (!json.empty()) spans = SpansOfJaeger(json);
        return TheTree(spans) == ExpectedTree() && HasTheRedelivery(spans);
      },
      kLimit);
  EXPECT_EQ(TheTree(spans), ExpectedTree());
  EXPECT_TRUE(is_whole) << "no span of the redelivery";
  if (const char* const file =
          std::getenv("SLUICE_TEST_TRACE_FILE")) {  // NOLINT(concurrency-mt-unsafe)
    std::ofstream(file) << json;
  }
}

}  // namespace
}  // namespace tests
