// Compares ops/docs/contracts/admin.openapi.yaml with what the binaries answer. Needs no broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "tests/component/ops/docs/unconnected.h"
#include "tests/harness/process.h"
#include "tests/support/raw_client.h"

namespace tests {
namespace {

RawAnswer Ask(const Unconnected& program, const std::string& method, const std::string& path) {
  RawClient client(static_cast<std::uint16_t>(program.admin_port()));
  client.Send(method + " " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
  return client.Read(std::chrono::seconds(10), method == "HEAD").value_or(RawAnswer{});
}

/// Expects a status of the operation, with the type of content that belongs to it.
void ExpectDescribed(const YAML::Node& operation, const RawAnswer& answer) {
  const YAML::Node described = operation["responses"][std::to_string(answer.status)];
  ASSERT_TRUE(described) << answer.status;
  const YAML::Node content = described["content"];
  ASSERT_EQ(content.size(), 1U);
  EXPECT_EQ(answer.Field("Content-Type"), content.begin()->first.as<std::string>());
}

class AdminContract : public testing::TestWithParam<const char*> {};

TEST_P(AdminContract, DescribesEveryPathAsTheBinaryAnswersIt) {
  const Unconnected program(GetParam());
  const YAML::Node contract = YAML::LoadFile(SourcePath("ops/docs/contracts/admin.openapi.yaml"));
  EXPECT_EQ(contract["paths"].size(), 3U);
  for (const auto& item : contract["paths"]) {
    const auto path = item.first.as<std::string>();
    SCOPED_TRACE(path);
    ExpectDescribed(item.second["get"], Ask(program, "GET", path));
    ExpectDescribed(item.second["head"], Ask(program, "HEAD", path));
    const RawAnswer refused = Ask(program, "POST", path);
    EXPECT_EQ(refused.status, 405);
    EXPECT_EQ(refused.Field("Allow"), "GET, HEAD");
  }
}

TEST_P(AdminContract, NamesMissingPartsOfInstanceWithoutKafka) {
  const Unconnected program(GetParam());
  const RawAnswer answer = Ask(program, "GET", "/readyz");
  EXPECT_EQ(answer.status, 503);
  const YAML::Node readiness = YAML::Load(answer.body);
  EXPECT_FALSE(readiness["ready"].as<bool>());
  const YAML::Node missing = YAML::LoadFile(
      SourcePath("ops/docs/contracts/admin.openapi.yaml"))["components"]["schemas"]["Readiness"]
                                                          ["properties"]["missing"];
  for (const YAML::Node& name : readiness["missing"]) {
    EXPECT_THAT(missing["description"].as<std::string>(),
                testing::HasSubstr(name.as<std::string>()));
  }
  EXPECT_GT(readiness["missing"].size(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Of, AdminContract, testing::Values("ingest", "consumer"),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace tests
