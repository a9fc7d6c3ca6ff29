// The include fence (ADR 0001): each kind of trespass is refused, and the project has none.
#include "tests/architecture/fence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/architecture/project.h"

namespace tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Fence FenceOf(const std::string& lines) {
  std::istringstream stream(lines);
  return ReadFence(stream);
}

const Fence& Sample() {
  static const Fence kFence = FenceOf(
      "headers kafka librdkafka/\n"
      "headers os sys/\n"
      "headers os thread\n"
      "file base common/base/time.h\n"
      "file lane consumer/lane/lane.cc\n"
      "file lane consumer/lane/lane.h\n"
      "file adapter consumer/kafka/source.cc\n"
      "file adapter consumer/kafka/source.h\n"
      "file suite tests/lane/lane_test.cc\n"
      "file suite tests/lane/double.h\n"
      "depends lane base\n"
      "depends adapter lane\n"
      "depends adapter kafka\n"
      "depends adapter os\n"
      "depends suite lane\n");
  return kFence;
}

TEST(IncludeFence, AllowsOwnHeadersDirectDependenciesAndNamedThirdParties) {
  EXPECT_THAT(FindTrespasses(Sample(), "consumer/lane/lane.cc",
                             "#include \"consumer/lane/lane.h\"\n#include \"common/base/time.h\"\n"
                             "#include <vector>\n#include <cstdint>\n"),
              IsEmpty());
  EXPECT_THAT(FindTrespasses(Sample(), "consumer/kafka/source.h",
                             "#include <librdkafka/rdkafka.h>\n#include <sys/types.h>\n"
                             "#include <thread>\n#include \"consumer/lane/lane.h\"\n"),
              IsEmpty());
  EXPECT_THAT(FindTrespasses(Sample(), "tests/lane/lane_test.cc",
                             "#include \"tests/lane/double.h\"\n#include \"consumer/lane/lane.h\""),
              IsEmpty());
}

struct Trespass {
  const char* name;
  const char* path;
  const char* include;
  const char* why;
};

class IncludeFenceRefuses : public ::testing::TestWithParam<Trespass> {};

TEST_P(IncludeFenceRefuses, It) {
  const Trespass& row = GetParam();
  const std::string included =
      std::string(row.include).substr(1, std::string(row.include).size() - 2);
  EXPECT_THAT(FindTrespasses(Sample(), row.path, std::string("#include ") + row.include + "\n"),
              ElementsAre(std::string(row.path) + ": " + included + ": " + row.why));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, IncludeFenceRefuses,
    ::testing::Values(Trespass{"ATargetThatItDoesNotDependOn", "consumer/lane/lane.h",
                               "\"consumer/kafka/source.h\"", "lane does not depend on adapter"},
                      Trespass{"ADependencyOfADependency", "consumer/kafka/source.cc",
                               "\"common/base/time.h\"", "adapter does not depend on base"},
                      Trespass{"AThirdPartyThatItDoesNotName", "common/base/time.h",
                               "<librdkafka/rdkafka.h>", "base does not name kafka"},
                      Trespass{"TheSystemWhereItIsNotNamed", "consumer/lane/lane.cc", "<thread>",
                               "lane does not name os"},
                      Trespass{"AFolderOfTheSystem", "consumer/lane/lane.cc", "<sys/socket.h>",
                               "lane does not name os"},
                      Trespass{"AHeaderThatNobodyBrings", "consumer/kafka/source.cc",
                               "<boost/asio.hpp>", "nobody is known to bring it"},
                      Trespass{"AHeaderOfNoTarget", "consumer/kafka/source.cc",
                               "\"consumer/kafka/loose.h\"", "it belongs to no target"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(IncludeFence, RefusesAFileOfNoTarget) {
  EXPECT_THAT(FindTrespasses(Sample(), "consumer/policy/new.cc", ""),
              ElementsAre("consumer/policy/new.cc: belongs to no target"));
}

TEST(IncludeFence, ReportsAnUnusedDependency) {
  EXPECT_THAT(FindIdleDependencies(
                  Sample(), {{"consumer/lane/lane.cc", "#include \"common/base/time.h\"\n"},
                             {"tests/lane/lane_test.cc", "#include \"consumer/lane/lane.h\"\n"}}),
              ElementsAre("adapter lane"));
}

TEST(IncludeFence, RejectsAnUnknownLine) {
  EXPECT_THROW((void)FenceOf("files a b\n"), std::runtime_error);
  EXPECT_THROW((void)FenceOf("file a\n"), std::runtime_error);
}

class ProjectFence : public ::testing::Test {
 protected:
  static const Fence& Built() {
    static const Fence kFence = [] {
      std::ifstream lines(SLUICE_FENCE);
      return ReadFence(lines);
    }();
    return kFence;
  }
  static const std::map<std::string, std::string>& Sources() {
    static const auto kSources = ProjectTexts({".cc", ".h"});
    return kSources;
  }
};

TEST_F(ProjectFence, IsRespectedByEveryFile) {
  ASSERT_GT(Sources().size(), 500U);
  for (const auto& [path, text] : Sources()) {
    for (const std::string& trespass : FindTrespasses(Built(), path, text)) {
      ADD_FAILURE() << trespass;
    }
  }
}

TEST_F(ProjectFence, HasNoUnusedDependency) {
  for (const std::string& idle : FindIdleDependencies(Built(), Sources())) ADD_FAILURE() << idle;
}

// Otherwise nothing proves that the header compiles alone (ops/cmake/Modules.cmake).
TEST_F(ProjectFence, RequiresEachSourceToIncludeItsOwnHeaderFirst) {
  for (const auto& [path, text] : Sources()) {
    if (!path.ends_with(".cc")) continue;
    const std::string header = path.substr(0, path.size() - 2) + "h";
    if (!Sources().contains(header)) continue;
    const std::size_t include = text.find("#include ");
    EXPECT_EQ(text.substr(include, text.find('\n', include) - include),
              "#include \"" + header + "\"")
        << path;
  }
}

struct Distance {
  const char* from;
  const char* to;
};

// Folders that DEPENDS must never connect, however indirectly.
TEST_F(ProjectFence, KeepsFoldersApart) {
  constexpr Distance kApart[] = {
      {"common/", "ingest/"},   {"common/", "consumer/"},  {"common/", "ops/"},
      {"common/", "tests/"},    {"ingest/", "consumer/"},  {"ingest/", "ops/"},
      {"ingest/", "tests/"},    {"consumer/", "ingest/"},  {"consumer/", "ops/"},
      {"consumer/", "tests/"},  {"ops/ctl/", "tests/"},    {"ops/simulator/", "tests/"},
      {"ops/bench/", "tests/"}, {"ops/ctl/", "consumer/"},
  };
  const auto begins_with = [](const Fence::Target& target, std::string_view folder) {
    return std::ranges::any_of(target.files,
                               [&](const std::string& path) { return path.starts_with(folder); });
  };
  for (const auto& [apart, elsewhere] : kApart) {
    int targets = 0;
    for (const auto& [name, target] : Built().targets) {
      if (!begins_with(target, apart)) continue;
      ++targets;
      for (const auto& [other, reached] : Built().targets) {
        const bool trespasses = begins_with(reached, elsewhere) && Reaches(Built(), name, other);
        EXPECT_FALSE(trespasses) << name << " reaches " << other;
      }
    }
    EXPECT_GT(targets, 0) << apart;
  }
}

// Each folder of sluicectl is a kind of command. They share what stands below them, and do not know
// each other; `serve` shows what some of them report.
TEST_F(ProjectFence, KeepsKindsOfCommandsApart) {
  const std::set<std::string> shared = {"shell",   "http",    "kafka",
                                        "history", "records", "instances"};
  const auto kind_of = [](const Fence::Target& target) -> std::string {
    constexpr std::string_view kFolder = "ops/ctl/";
    // Generated files lie elsewhere.
    const auto file = std::ranges::find_if(
        target.files, [&](const std::string& path) { return path.starts_with(kFolder); });
    if (file == target.files.end()) return {};
    const auto end = file->find('/', kFolder.size());
    if (end == std::string::npos) return {};
    return file->substr(kFolder.size(), end - kFolder.size());
  };
  std::set<std::string> kinds;
  for (const auto& [name, target] : Built().targets) {
    const std::string kind = kind_of(target);
    if (kind.empty() || shared.contains(kind)) continue;
    kinds.insert(kind);
    if (kind == "serve") continue;
    for (const auto& [other, reached] : Built().targets) {
      const std::string elsewhere = kind_of(reached);
      if (elsewhere.empty() || elsewhere == kind || shared.contains(elsewhere)) continue;
      EXPECT_FALSE(Reaches(Built(), name, other)) << name << " reaches " << other;
    }
  }
  EXPECT_THAT(kinds, ::testing::IsSupersetOf({"audit", "dead", "status", "trace"}));
}

// The same for targets and libraries: the core is pure, and adapters do not know each other.
TEST_F(ProjectFence, KeepsTheCoreAndItsAdaptersApart) {
  std::vector<Distance> apart = {
      {"common_http", "common_domain"},   {"common_http", "common_kafka"},
      {"common_kafka", "common_http"},    {"common_json", "common_kafka"},
      {"ingest_kafka", "common_http"},    {"ingest_kafka", "ingest_http"},
      {"ingest_http", "common_kafka"},    {"ingest_http", "ingest_kafka"},
      {"ingest_http", "ingest_spool"},    {"ingest_spool", "ingest_kafka"},
      {"ingest_spool", "common_kafka"},   {"ingest_spool", "common_http"},
      {"consumer_http", "common_kafka"},  {"consumer_http", "consumer_kafka"},
      {"consumer_http", "consumer_lane"}, {"consumer_kafka", "consumer_http"},
  };
  // Only common_token may ask by HTTP, for the tokens of Kafka's clients.
  for (const char* adapter : {"common_kafka", "consumer_kafka", "ingest_kafka"}) {
    EXPECT_FALSE(Built().targets.at(adapter).depends.contains("CURL::libcurl")) << adapter;
  }
  for (const char* core :
       {"common_callback", "common_domain", "ingest_policy", "ingest_acceptance", "consumer_policy",
        "consumer_state", "consumer_fetch", "consumer_lane"}) {
    for (const char* library : {"CURL::libcurl", "PkgConfig::pistache", "PkgConfig::rdkafka",
                                "PkgConfig::sqlite3", "prometheus-cpp::core", "yaml-cpp"}) {
      apart.push_back({core, library});
    }
    // Acceptance needs a thread for its deadlines.
    if (core == std::string_view("ingest_acceptance")) continue;
    EXPECT_FALSE(Built().targets.at(core).depends.contains("os")) << core;
  }
  for (const auto& [target, elsewhere] : apart) {
    EXPECT_TRUE(Built().targets.contains(target)) << target;
    EXPECT_FALSE(Reaches(Built(), target, elsewhere)) << target << " reaches " << elsewhere;
  }
}

// They record what a part reports; the tests of Events cover metrics and log lines.
TEST_F(ProjectFence, KeepsPureSuitesFromMetrics) {
  for (const char* suite :
       {"unit_common_callback", "unit_common_config", "unit_common_domain", "unit_common_http",
        "unit_common_json", "unit_common_tracing", "unit_consumer_config", "unit_consumer_fetch",
        "unit_consumer_lane", "unit_consumer_policy", "unit_consumer_state",
        "unit_ingest_acceptance", "unit_ingest_config", "unit_ingest_expected", "unit_ingest_http",
        "unit_ingest_memory", "unit_ingest_policy", "unit_ingest_spool", "unit_ingest_tracing"}) {
    EXPECT_TRUE(Built().targets.contains(suite)) << suite;
    EXPECT_FALSE(Reaches(Built(), suite, "prometheus-cpp::core")) << suite;
  }
}

}  // namespace
}  // namespace tests
