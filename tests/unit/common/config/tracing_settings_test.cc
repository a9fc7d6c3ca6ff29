#include "common/config/tracing_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/common/config/fixture.h"

namespace common::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

struct Read {
  std::optional<tracing::TracingSettings> settings{};
  std::vector<std::string> mistakes{};
};

Read ReadWith(const std::string& yaml, const Variables& variables) {
  Read read;
  const Environment environment = EnvironmentOf(variables);
  read.mistakes = MistakesOf(yaml, [&](const Section& root) {
    read.settings = ReadTracing(
        root, environment, {.service = "sluice-ingest", .instance = "host-1", .slower_than = 1s});
  });
  return read;
}

std::string UrlOf(const std::string& yaml, const Variables& variables) {
  const Read read = ReadWith(yaml, variables);
  EXPECT_THAT(read.mistakes, IsEmpty());
  return read.settings ? read.settings->url : "off";
}

TEST(TracingSettings, AreOffUnlessSomethingNamesAnEndpoint) {
  EXPECT_EQ(UrlOf("", {}), "off");
  EXPECT_EQ(UrlOf("tracing: {}", {}), "off");
  EXPECT_EQ(UrlOf("tracing: { ratio: 0.5 }", {}), "off");
  EXPECT_EQ(UrlOf("", {{"OTEL_SERVICE_NAME", "x"}}), "off");
  EXPECT_EQ(UrlOf("", {{"OTEL_EXPORTER_OTLP_ENDPOINT", " "}}), "off");
}

TEST(TracingSettings, AreDisabledByEnvironmentDespiteFile) {
  const std::string yaml = "tracing: { endpoint: 'http://c:4318' }";
  EXPECT_EQ(UrlOf(yaml, {{"OTEL_SDK_DISABLED", "TRUE"}}), "off");
  EXPECT_EQ(UrlOf(yaml, {{"OTEL_TRACES_EXPORTER", "none"}}), "off");
  EXPECT_EQ(UrlOf(yaml, {{"OTEL_SDK_DISABLED", "yes"}}), "http://c:4318/v1/traces");
}

TEST(TracingSettings, TakeTheEndpointFromTheFileThenOfTracesThenOfAllSignals) {
  const std::string all = "OTEL_EXPORTER_OTLP_ENDPOINT";
  const std::string of_traces = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  EXPECT_EQ(UrlOf("", {{all, "http://c:4318"}}), "http://c:4318/v1/traces");
  EXPECT_EQ(UrlOf("", {{all, "http://c:4318/"}}), "http://c:4318/v1/traces");
  EXPECT_EQ(UrlOf("", {{all, "https://c/otlp/"}}), "https://c/otlp/v1/traces");
  EXPECT_EQ(UrlOf("", {{all, "http://c:4318"}, {of_traces, "http://t/in"}}), "http://t/in");
  EXPECT_EQ(UrlOf("", {{of_traces, "http://t:4318"}}), "http://t:4318") << "as it is";
  EXPECT_EQ(UrlOf("tracing: { endpoint: 'http://f:4318' }", {{of_traces, "http://t/in"}}),
            "http://f:4318/v1/traces");
  EXPECT_EQ(UrlOf("tracing: { endpoint: 'http://f/own/path' }", {}), "http://f/own/path");
}

TEST(TracingSettings, ReadEachKey) {
  const Read read = ReadWith(
      "tracing: { endpoint: 'https://c', ratio: 0.25, slower_than: 5s, queue: 100, timeout: 3s,"
      " ca_file: /c.pem, headers: { X-Token: abc, X-Org: '' } }",
      {{"OTEL_TRACES_SAMPLER", "always_off"},
       {"OTEL_EXPORTER_OTLP_HEADERS", "a=b"},
       {"OTEL_EXPORTER_OTLP_TIMEOUT", "700"},
       {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/other.pem"}});
  EXPECT_THAT(read.mistakes, IsEmpty());
  ASSERT_TRUE(read.settings);
  EXPECT_EQ(read.settings->ratio, 0.25);
  EXPECT_TRUE(read.settings->follows_parent);
  EXPECT_EQ(read.settings->slower_than, 5s);
  EXPECT_EQ(read.settings->queue, 100U);
  EXPECT_EQ(read.settings->timeout, 3s);
  EXPECT_EQ(read.settings->ca_file, "/c.pem");
  EXPECT_THAT(read.settings->headers, ElementsAre(Pair("X-Org", ""), Pair("X-Token", "abc")));
}

TEST(TracingSettings, ReadMissingKeysFromEnvironment) {
  const Read read = ReadWith("tracing: { endpoint: 'https://c' }",
                             {{"OTEL_TRACES_SAMPLER", "traceidratio"},
                              {"OTEL_TRACES_SAMPLER_ARG", "0.5"},
                              {"OTEL_EXPORTER_OTLP_HEADERS", "a=b%20c, X-Two = 2 ,"},
                              {"OTEL_EXPORTER_OTLP_TIMEOUT", "700"},
                              {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "800"},
                              {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/env.pem"}});
  ASSERT_TRUE(read.settings);
  EXPECT_EQ(read.settings->ratio, 0.5);
  EXPECT_FALSE(read.settings->follows_parent);
  EXPECT_EQ(read.settings->timeout, 800ms);
  EXPECT_EQ(read.settings->ca_file, "/env.pem");
  EXPECT_EQ(read.settings->slower_than, 1s);
  EXPECT_THAT(read.settings->headers, ElementsAre(Pair("a", "b c"), Pair("X-Two", "2")));
  EXPECT_THAT(read.settings->ignored, IsEmpty());
}

TEST(TracingSettings, KnowTheSamplersOfTheSpecification) {
  const struct {
    const char* name;
    double ratio;
    bool follows_parent;
  } kCases[] = {
      {"always_on", 1, false},
      {"always_off", 0, false},
      {"traceidratio", 0.5, false},
      {"parentbased_always_on", 1, true},
      {"parentbased_always_off", 0, true},
      {"parentbased_traceidratio", 0.5, true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const Read read =
        ReadWith("tracing: { endpoint: 'https://c' }",
                 {{"OTEL_TRACES_SAMPLER", c.name}, {"OTEL_TRACES_SAMPLER_ARG", "0.5"}});
    EXPECT_EQ(read.settings.value().ratio, c.ratio);
    EXPECT_EQ(read.settings->follows_parent, c.follows_parent);
  }
}

TEST(TracingSettings, IgnoreVariablesTheyDoNotUnderstandWithoutQuotingThem) {
  const Read read = ReadWith("", {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"},
                                  {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "c:4317"},
                                  {"OTEL_EXPORTER_OTLP_HEADERS", "secret"},
                                  {"OTEL_EXPORTER_OTLP_TIMEOUT", "10s"},
                                  {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
                                  {"OTEL_TRACES_SAMPLER", "jaeger_remote"},
                                  {"OTEL_RESOURCE_ATTRIBUTES", "nonsense"}});
  ASSERT_TRUE(read.settings);
  EXPECT_EQ(read.settings->url, "http://c/v1/traces");
  EXPECT_EQ(read.settings->ratio, 1);
  EXPECT_THAT(read.settings->ignored,
              ElementsAre("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: is no URL that starts with http:// "
                          "or https://",
                          "OTEL_EXPORTER_OTLP_HEADERS: is no list of name=value",
                          "OTEL_TRACES_SAMPLER: is not a sampler that this program has",
                          "OTEL_EXPORTER_OTLP_TIMEOUT: is no number of milliseconds",
                          "OTEL_EXPORTER_OTLP_PROTOCOL: this program speaks http/json only",
                          "OTEL_RESOURCE_ATTRIBUTES: is no list of name=value"));
}

TEST(TracingSettings, NameTheServiceByTheVariableMadeForIt) {
  const auto resource_of = [](const Variables& variables) {
    return ReadWith("tracing: { endpoint: 'https://c' }", variables).settings.value().resource;
  };
  EXPECT_THAT(resource_of({}), ElementsAre(Pair("service.name", "sluice-ingest"),
                                           Pair("service.version", SLUICE_VERSION),
                                           Pair("service.instance.id", "host-1")));
  EXPECT_THAT(resource_of({{"OTEL_RESOURCE_ATTRIBUTES",
                            "service.name=a,deployment.environment.name=pro%2Cd"}}),
              ElementsAre(Pair("service.name", "a"), Pair("service.version", SLUICE_VERSION),
                          Pair("service.instance.id", "host-1"),
                          Pair("deployment.environment.name", "pro,d")));
  EXPECT_EQ(
      resource_of({{"OTEL_RESOURCE_ATTRIBUTES", "service.name=a"}, {"OTEL_SERVICE_NAME", "b"}})
          .front()
          .second,
      "b");
}

TEST(TracingSettings, RefuseMistakesOfTheFile) {
  EXPECT_THAT(
      ReadWith("tracing: { endpoint: 'c:4317' }", {}).mistakes,
      ElementsAre("f.yaml:1:22: tracing.endpoint: must be a URL that starts with http:// or "
                  "https://"));
  EXPECT_EQ(ReadWith("tracing: { endpoint: 'http://c', ratio: 2, queue: 0, slower_than: 0s,"
                     " headers: { 'a b': c }, sampler: x }",
                     {})
                .mistakes.size(),
            5U);
}

}  // namespace
}  // namespace common::config
