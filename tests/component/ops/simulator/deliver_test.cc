#include "ops/simulator/deliver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "common/base/guarded.h"
#include "common/http/server.h"
#include "tests/support/temp_directory.h"

namespace simulator {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;
using testing::SizeIs;

struct Received {
  std::string path;
  std::string body;
  std::string authorization;
  std::string content_type;
};

/// Answers each delivery by a script; does not answer at all for status 0.
class ScriptedReceiver : public common::http::Service {
 public:
  /// `attempt` counts the deliveries of the same body from 1.
  using Script = std::function<int(const Received& delivery, int attempt)>;

  explicit ScriptedReceiver(Script script)
      : script_(std::move(script)), server_(*common::http::Server::Start({}, *this)) {}

  [[nodiscard]] std::string address() const {
    return "http://127.0.0.1:" + std::to_string(server_->port());
  }
  [[nodiscard]] std::string target() const { return address() + "/callbacks"; }
  [[nodiscard]] std::vector<Received> received() const {
    return state_.With([](const State& state) { return state.received; });
  }

  common::http::Admission Admit(const common::http::RequestHead& /*head*/) override { return {}; }
  std::optional<common::http::Answer> Handle(const common::http::RequestHead& head,
                                             std::string_view body, std::uint32_t /*tag*/,
                                             const common::http::Ticket& /*ticket*/) override {
    Received delivery{std::string(head.path), std::string(body),
                      std::string(head.Find("Authorization").value_or("none")),
                      std::string(head.Find("Content-Type").value_or("none"))};
    const int status = state_.With([&](State& state) {
      state.received.push_back(delivery);
      return script_(delivery, ++state.attempts[delivery.body]);
    });
    if (status == 0) return std::nullopt;
    return common::http::Answer{.status = status};
  }
  common::http::Answer AnswerFault(common::http::Fault fault,
                                   std::optional<std::uint32_t> /*tag*/) override {
    return {.status = DefaultStatus(fault)};
  }

 private:
  struct State {
    std::vector<Received> received;
    std::map<std::string, int> attempts;
  };

  Script script_;
  common::Guarded<State> state_;
  std::unique_ptr<common::http::Server> server_;  // Last: its threads use the members above.
};

class DeliverTest : public testing::Test {
 protected:
  std::string Deliver(const ScriptedReceiver& receiver, std::vector<std::string_view> arguments) {
    return DeliverTo(receiver.target(), std::move(arguments));
  }

  /// Returns the report. Time runs a million times faster unless the arguments set --speed.
  std::string DeliverTo(const std::string& target, std::vector<std::string_view> arguments) {
    arguments.insert(arguments.begin(), {"--quiet", "--seed=7", "--speed=1e6", "--target", target});
    const auto options = ParseDeliverOptions(arguments);
    if (!options) return options.error().detail;
    const auto report = simulator::Deliver(*options, shutdown_);
    return report ? *report : report.error().detail;
  }

  common::Shutdown shutdown_;
};

TEST_F(DeliverTest, SendsEachCallbackOnceToItsProvidersRoute) {
  ScriptedReceiver receiver([](const Received&, int) { return 200; });
  const std::string report = Deliver(
      receiver, {"--count=50", "--providers=onfido,connect", "--authorization=Bearer secret"});
  EXPECT_THAT(report, HasSubstr(R"("callbacks":50,"attempts":50,"acknowledged":50,"lost":0)"));
  EXPECT_THAT(report, HasSubstr(R"("statuses":{"200":50})"));
  std::set<std::string> bodies;
  std::set<std::string> paths;
  for (const Received& delivery : receiver.received()) {
    bodies.insert(delivery.body);
    paths.insert(delivery.path);
    EXPECT_EQ(delivery.authorization, "Bearer secret");
    EXPECT_EQ(delivery.content_type, "application/json");
  }
  EXPECT_THAT(bodies, SizeIs(50));
  EXPECT_THAT(paths, ElementsAre("/callbacks/connect", "/callbacks/onfido"));
}

TEST_F(DeliverTest, AddsTheDefaultPrefixToATargetWithoutAPath) {
  ScriptedReceiver receiver([](const Received&, int) { return 200; });
  for (const std::string& target : {receiver.address(), receiver.address() + "/assure/"}) {
    (void)DeliverTo(target, {"--count=1", "--providers=eid"});
  }
  ASSERT_THAT(receiver.received(), SizeIs(2));
  EXPECT_EQ(receiver.received()[0].path, "/callbacks/eid");
  EXPECT_EQ(receiver.received()[1].path, "/assure/eid");
}

TEST_F(DeliverTest, RepeatsTheSameBodyUntilItIsAccepted) {
  ScriptedReceiver receiver([](const Received&, int attempt) { return attempt < 4 ? 503 : 200; });
  const std::string report = Deliver(receiver, {"--count=20", "--providers=eid"});
  EXPECT_THAT(report, HasSubstr(R"("attempts":80,"acknowledged":20,"lost":0)"));
  EXPECT_THAT(report, HasSubstr(R"("statuses":{"200":20,"503":60})"));
}

TEST_F(DeliverTest, GivesUpByTheProvidersRules) {
  ScriptedReceiver receiver([](const Received& delivery, int) {
    return delivery.path == "/callbacks/readid" ? 400 : 429;
  });
  const std::string onfido = Deliver(receiver, {"--count=1", "--providers=onfido"});
  EXPECT_THAT(onfido, HasSubstr(R"("attempts":6,"acknowledged":0,"lost":1)"));
  EXPECT_THAT(onfido, HasSubstr(R"("duplicates":0,"statuses":{"429":6}}})"))
      << "counted by provider";
  EXPECT_THAT(onfido, HasSubstr(R"("answer_ms":{"p50":)"));
  EXPECT_THAT(Deliver(receiver, {"--count=1", "--providers=eid"}), HasSubstr(R"("attempts":15)"));
  EXPECT_THAT(Deliver(receiver, {"--count=1", "--providers=readid"}), HasSubstr(R"("attempts":1)"));
  EXPECT_THAT(Deliver(receiver, {"--count=1", "--providers=paper"}), HasSubstr(R"("attempts":1)"));
}

TEST_F(DeliverTest, CountsReadidsPenalties) {
  ScriptedReceiver receiver([](const Received&, int attempt) { return attempt < 3 ? 503 : 204; });
  EXPECT_THAT(Deliver(receiver, {"--count=1", "--providers=readid"}),
              HasSubstr(R"("attempts":3,"acknowledged":1,"lost":0,"penalties":2)"));
}

TEST_F(DeliverTest, TreatsAMissingAnswerAsFailure) {
  ScriptedReceiver receiver([](const Received&, int attempt) { return attempt == 1 ? 0 : 200; });
  const std::string report =
      Deliver(receiver, {"--count=3", "--providers=onfido", "--timeout=50ms"});
  EXPECT_THAT(report, HasSubstr(R"("attempts":6,"acknowledged":3)"));
  EXPECT_THAT(report, HasSubstr(R"("statuses":{"none":3,"200":3})"));
}

TEST_F(DeliverTest, TreatsARefusedConnectionAsFailure) {
  std::string target;
  {
    const ScriptedReceiver gone([](const Received&, int) { return 200; });
    target = gone.target();
  }
  EXPECT_THAT(DeliverTo(target, {"--count=2", "--providers=onfido"}),
              HasSubstr(R"("attempts":12,"acknowledged":0,"lost":2)"));
}

TEST_F(DeliverTest, RepeatsAcceptedCallbacksAtTheDuplicateRate) {
  ScriptedReceiver receiver([](const Received&, int) { return 200; });
  const std::string report =
      Deliver(receiver, {"--count=400", "--providers=onfido", "--duplicate-rate=0.5"});
  EXPECT_THAT(report, HasSubstr(R"("acknowledged":400,"lost":0)"));
  EXPECT_THAT(receiver.received().size(), AllOf(Ge(500U), Le(900U)));
}

TEST_F(DeliverTest, RespectsItsConcurrency) {
  ScriptedReceiver receiver([](const Received&, int) { return 0; });
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(
      Deliver(receiver, {"--count=4", "--providers=paper", "--concurrency=2", "--timeout=100ms"}),
      HasSubstr(R"("statuses":{"none":4})"));
  EXPECT_THAT(std::chrono::steady_clock::now() - start, Ge(200ms))
      << "two concurrently, 100 ms each";
}

TEST_F(DeliverTest, WritesTheFateOfEachCallback) {
  const tests::TempDirectory directory;
  const std::string file = directory.path() / "ids";
  ScriptedReceiver receiver([](const Received& delivery, int) {
    return delivery.path == "/callbacks/paper" ? 503 : 200;
  });
  Deliver(receiver, {"--count=40", "--providers=paper,webid", "--ids-file", file});
  std::istringstream lines(tests::ReadFile(file));
  std::vector<std::string> bodies;
  std::string provider;
  std::string dossier;
  std::string process;
  std::string status;
  std::string acknowledged;
  int attempts = 0;
  while (lines >> provider >> dossier >> process >> status >> acknowledged >> attempts) {
    EXPECT_EQ(acknowledged, provider == "paper" ? "no" : "yes");
    EXPECT_EQ(attempts, 1);
    std::string body = R"({"dossierId":")";
    body.append(dossier).append(R"(","processId":")").append(process);
    bodies.push_back(body.append(R"(","status":")").append(status).append("\"}"));
  }
  std::vector<std::string> received;
  for (const Received& delivery : receiver.received()) received.push_back(delivery.body);
  EXPECT_THAT(bodies, testing::UnorderedElementsAreArray(received));
}

TEST_F(DeliverTest, ReportsAnUnwritableIdsFile) {
  ScriptedReceiver receiver([](const Received&, int) { return 200; });
  EXPECT_THAT(Deliver(receiver, {"--count=1", "--ids-file=/nonexistent/ids"}),
              HasSubstr("cannot write"));
}

TEST_F(DeliverTest, PrintsItsReportIfStoppedEarly) {
  ScriptedReceiver receiver([this](const Received&, int) {
    shutdown_.Request();
    return 503;
  });
  const std::string report =
      Deliver(receiver, {"--count=10", "--providers=onfido", "--speed=1", "--concurrency=1"});
  EXPECT_THAT(report, HasSubstr(R"("acknowledged":0,"lost":0)"));
  EXPECT_THAT(report, HasSubstr(R"("unfinished":1)"));
}

}  // namespace
}  // namespace simulator
