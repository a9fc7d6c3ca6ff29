#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/component/ops/simulator/deliver_fixture.h"
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

/// The number of announcements that came, and of callbacks that came before theirs.
struct Announced {
  std::set<std::string> processes;
  int too_late = 0;
  int callbacks = 0;
};

Announced CountAnnounced(const std::vector<Received>& received) {
  const auto process_in = [](const std::string& line) {
    const std::size_t at = line.find(R"("processId":")");
    return line.substr(at + 13, 36);
  };
  Announced announced;
  for (const Received& one : received) {
    if (one.path != "/expected") {
      ++announced.callbacks;
      if (!announced.processes.contains(process_in(one.body))) ++announced.too_late;
      continue;
    }
    EXPECT_EQ(one.authorization, "Bearer own");
    std::istringstream lines(one.body);
    for (std::string line; std::getline(lines, line);) announced.processes.insert(process_in(line));
  }
  return announced;
}

TEST_F(DeliverTest, AnnouncesAllCallbacksAndLosesSome) {
  const tests::TempDirectory directory;
  const std::string ids = directory.path() / "ids";
  const std::string secret = directory.Write("secret", "Bearer own\n");
  ScriptedReceiver receiver([](const Received& one, int attempt) {
    return one.path == "/expected" && attempt == 1 ? 503 : 200;
  });
  const std::string report =
      Deliver(receiver, {"--count=250", "--providers=onfido,paper", "--lose=0.1", "--ids-file", ids,
                         "--announce", receiver.address() + "/expected",
                         "--announce-authorization-file", secret});
  const Announced announced = CountAnnounced(receiver.received());
  EXPECT_THAT(announced.processes, SizeIs(250));
  EXPECT_EQ(announced.too_late, 0);
  EXPECT_THAT(250 - announced.callbacks, AllOf(Ge(10), Le(45)));
  EXPECT_THAT(report, HasSubstr(R"("unsent":)" + std::to_string(250 - announced.callbacks)));
  EXPECT_THAT(report, HasSubstr(R"("unfinished":0)"));
  std::ifstream file(ids);
  int unsent = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.ends_with(" unsent 0")) ++unsent;
  }
  EXPECT_EQ(unsent, 250 - announced.callbacks);
}

TEST_F(DeliverTest, SendsNothingIfItsAnnouncementsAreRefused) {
  ScriptedReceiver receiver([](const Received&, int) { return 401; });
  EXPECT_THAT(Deliver(receiver, {"--count=5", "--announce", receiver.address() + "/expected"}),
              HasSubstr("/expected: status 401"));
  EXPECT_THAT(receiver.received(), SizeIs(1));
}

}  // namespace
}  // namespace simulator
