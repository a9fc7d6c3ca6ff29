// The names are those of opentelemetry/proto/{trace,common,resource,collector/trace}/v1 in
// lowerCamelCase. ops/validate reads the golden file with OpenTelemetry's own types.
#include "common/tracing/otlp_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"

namespace common::tracing {
namespace {

using namespace std::chrono_literals;

TraceContext Context(bool is_sampled) {
  TraceContext context =
      ParseTraceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00").value();
  context.is_sampled = is_sampled;
  return context;
}

TEST(OtlpJson, WritesHexIdsTextNumbersAndNumericEnums) {
  const Span span{
      .context = Context(true),
      .parent = ParseTraceparent("00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01")->span,
      .trace_state = "vendor=1",
      .name = "process callbacks",
      .kind = SpanKind::kConsumer,
      .start = SpanTime(1'764'000'000'000'000'001ns),
      .end = SpanTime(1'764'000'000'500'000'000ns),
      .status = SpanStatus::kError,
      .attributes = {{"messaging.system", std::string("kafka")},
                     {"messaging.kafka.offset", std::int64_t{9'007'199'254'740'993}},
                     {"sluice.redelivery", true}}};
  EXPECT_EQ(EncodeOtlp({{"service.name", "sluice-consumer"}}, {&span, 1}) + "\n",
            tests::ReadFile(tests::SourcePath("tests/golden/otlp_request.json")));
}

TEST(OtlpJson, OmitsParentAndStatusOfSuccessfulRoot) {
  const Span span{.context = Context(false), .parent = {}, .name = "root"};
  EXPECT_THAT(
      EncodeOtlp({}, {&span, 1}),
      testing::HasSubstr(
          R"("spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331",)"
          R"("flags":0,"name":"root","kind":1,"startTimeUnixNano":"0","endTimeUnixNano":"0",)"
          R"("attributes":[]}])"));
}

TEST(OtlpJson, EscapesTextAndReplacesInvalidUtf8) {
  const Span span{.context = Context(true),
                  .parent = {},
                  .name = "a\"b\n",
                  .attributes = {{"a", std::string("\xFF")}, {"b", std::string("\xC3\xB6")}}};
  const std::string json = EncodeOtlp({}, {&span, 1});
  EXPECT_THAT(json, testing::HasSubstr(R"("name":"a\"b\n")"));
  EXPECT_THAT(json, testing::HasSubstr("{\"stringValue\":\"(not UTF-8)\"}"));
  EXPECT_THAT(json, testing::HasSubstr("{\"stringValue\":\"\xC3\xB6\"}"));
}

TEST(OtlpJson, NeverEndsASpanBeforeItsStart) {
  const Span span{
      .context = Context(true), .parent = {}, .name = "", .start = SpanTime(5ns), .end = {}};
  EXPECT_THAT(EncodeOtlp({}, {&span, 1}), testing::HasSubstr(R"("endTimeUnixNano":"5")"));
}

TEST(PartialSuccess, IsReadInBothFormsOfANumber) {
  const struct {
    std::string_view json;
    PartialSuccess read;
  } kCases[] = {
      {R"({})", {}},
      {R"({"partialSuccess":{}})", {}},
      {R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}})", {3, "too old"}},
      {R"({"partialSuccess":{"rejectedSpans":3}})", {3, ""}},
      {R"({"partialSuccess":{"errorMessage":"slow down"}})", {0, "slow down"}},
      {R"({"partialSuccess":{"rejectedSpans":-1}})", {0, ""}},
      {R"({"partialSuccess":{"rejectedSpans":"x"}})", {0, ""}},
      {R"({"partialSuccess":null})", {}},
      {R"([1])", {}},
      {"", {}},
      {"<html>", {}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.json);
    EXPECT_EQ(ReadPartialSuccess(c.json), c.read);
  }
}

}  // namespace
}  // namespace common::tracing
