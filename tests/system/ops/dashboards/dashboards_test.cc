// Runs the operators' dashboards and alerts on a real Prometheus that scrapes the real binaries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/harness/prometheus.h"
#include "tests/support/http_client.h"
#include "tests/support/wait_until.h"
#include "tests/system/fixture.h"
#include "tests/system/ops/dashboards/panels.h"

namespace tests {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::IsEmpty;

const std::vector<std::string> kDashboards = {"ops/grafana/dashboards/overview.json",
                                              "ops/grafana/dashboards/ingest.json",
                                              "ops/grafana/dashboards/consumer.json"};

class Dashboards : public SystemTest {
 protected:
  Dashboards() {
    pipeline.has_spool = true;
    pipeline.AddEvents();
    pipeline.AddExpected("{ within: 1h }");  // For the panel of announced processes.
    pipeline.StartIngest();
    pipeline.fetch["breaker"] = "{ failures: 20, probe_every: 1s }";
    pipeline.StartConsumer();
    prometheus = std::make_unique<Prometheus>(
        std::map<std::string, std::string>{{"sluice-ingest", pipeline.ingest_admin()},
                                           {"sluice-consumer", pipeline.consumer_admin()}});
  }

  [[nodiscard]] bool HasData(const std::string& expression) const {
    return WaitUntil([&] { return prometheus->Query(expression).has_data; }, seconds(30));
  }

  std::unique_ptr<Prometheus> prometheus;
};

TEST_F(Dashboards, HaveDataInEveryPanelUnderLoadWithRedeliveriesAndAnOutageOfTheApi) {
  ASSERT_TRUE(HasData("up{job=\"sluice-consumer\"} == 1"));
  std::vector<std::string> arguments = pipeline.EventArguments();
  arguments.insert(arguments.end(),
                   {"--count=3000", "--open-loop=150", "--speed=36000",
                    "--providers=onfido:4,eid:3,readid:3,paper,connect,events",
                    "--duplicate-rate=0.3", "--mock-rate=0.2", "--forged-rate=0.04"});
  const auto delivery = pipeline.StartDelivery(std::move(arguments));
  ASSERT_TRUE(HasData("rate(sluice_consumer_callbacks_total{outcome=\"published\"}[10s]) > 0"));
  // An alert that became pending while the first callbacks were in flight must end.
  EXPECT_TRUE(WaitUntil([&] { return prometheus->Alerts("pending").empty(); }, seconds(30)))
      << testing::PrintToString(prometheus->Alerts("pending"));
  EXPECT_THAT(prometheus->Alerts("firing"), IsEmpty());

  std::vector<PanelQuery> waiting;
  for (const std::string& dashboard : kDashboards) {
    for (PanelQuery& query : ReadPanels(dashboard)) waiting.push_back(std::move(query));
  }
  EXPECT_GT(waiting.size(), 50U);
  std::string errors;
  for (const std::string& dashboard : kDashboards) {
    const auto annotations = ReadAnnotations(dashboard);
    EXPECT_EQ(annotations.size(), 3U) << dashboard;
    for (const auto& [name, expression] : annotations) {
      errors += prometheus->Query(expression).error;
    }
  }
  const auto ask_what_waits = [&] {
    std::erase_if(waiting, [&](const PanelQuery& query) {
      const auto answer = prometheus->Query(query.expression);
      if (!answer.error.empty()) errors += query.panel + ": " + answer.error + "\n";
      return answer.has_data || !answer.error.empty();
    });
    return waiting.empty();
  };
  EXPECT_TRUE(WaitUntil(ask_what_waits, seconds(30))) << [&] {
    std::string text = "without data:\n";
    for (const auto& [panel, expression] : waiting) text.append(panel + ": " + expression + "\n");
    return text;
  }();
  EXPECT_EQ(errors, "");

  pipeline.Behave(R"({"down":true})");
  EXPECT_TRUE(HasData("sluice_consumer_breaker_open == 1"));
  EXPECT_TRUE(WaitUntil([&] { return prometheus->Alerts("pending").contains("BreakerOpen"); },
                        seconds(30)));
  pipeline.Behave(R"({"down":false})");
  EXPECT_TRUE(HasData("sluice_consumer_breaker_open == 0"));
  EXPECT_EQ(delivery->Finish().Number("lost"), 0);
}

}  // namespace
}  // namespace tests
