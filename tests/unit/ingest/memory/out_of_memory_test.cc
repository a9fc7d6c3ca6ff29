#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/http/completion_queue.h"
#include "common/http/guarded_service.h"
#include "common/http/stats.h"
#include "common/json/callback_body.h"
#include "ingest/http/callback_endpoint.h"
#include "ingest/spool/spool_inbox.h"
#include "ingest/spool/spooling_sink.h"
#include "tests/support/allocation_faults.h"
#include "tests/unit/ingest/doubles/recording_request_events.h"
#include "tests/unit/ingest/doubles/recording_responses.h"
#include "tests/unit/ingest/doubles/recording_sink.h"

// Whichever allocation fails: no 200 for an unstored callback, and no penal status.
namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using tests::ForEachFailingAllocation;

/// A callback whose provider and body contain its number, too long for small-string storage.
common::Envelope EnvelopeOf(CallbackNumber number) {
  common::Envelope envelope;
  envelope.key = "key-of-a-callback-that-is-long-enough-" + std::to_string(number);
  envelope.body = "body-of-a-callback-that-is-long-enough-" + std::to_string(number);
  envelope.provider = "paper";
  return envelope;
}

TEST(WithoutMemory, SpoolInboxPairsEachNumberWithItsCallback) {
  constexpr CallbackNumber kCallbacks = 40;
  const common::ProviderTable providers;
  const auto prepare = [&] {
    auto inbox = std::make_unique<SpoolInbox>(SpoolBounds{}, LoadBounds{}, providers);
    inbox->SetWritable(true);
    inbox->WithLedger([](SpoolLedger& ledger) { ledger.FreeDiskIs(std::uint64_t{1} << 40U); });
    return inbox;
  };
  const auto run = [](SpoolInbox& inbox) {
    for (CallbackNumber number = 1; number <= kCallbacks; ++number) {
      (void)inbox.Offer(number, EnvelopeOf(number));
    }
  };
  const auto check = [](SpoolInbox& inbox, bool /*has_failed*/) {
    ASSERT_TRUE(inbox.Offer(kCallbacks + 1, EnvelopeOf(kCallbacks + 1)));
    const auto taken = *inbox.Take(common::Deadline::After(seconds(0))).queued;
    ASSERT_EQ(taken.callbacks.size(), taken.numbers.size());
    for (std::size_t i = 0; i < taken.numbers.size(); ++i) {
      ASSERT_EQ(taken.callbacks[i].envelope.body, EnvelopeOf(taken.numbers[i]).body);
    }
    inbox.WithLedger([&](const SpoolLedger& ledger) {
      EXPECT_EQ(ledger.fill().records, taken.numbers.size())
          << "the ledger must count only stored callbacks";
    });
  };
  ForEachFailingAllocation(prepare, run, check);
}

/// Keeps the offers, in memory that it allocates.
class FakeSpool final : public Spool {
 public:
  Offered Offer(CallbackNumber number, common::Envelope&& envelope) override {
    bodies[number] = std::string(envelope.body);
    return Offered::kTaken;
  }
  Offered OfferAsLastResort(CallbackNumber number, common::Envelope&& envelope) override {
    return Offer(number, std::move(envelope));
  }
  [[nodiscard]] bool HasRoom() const override { return true; }
  [[nodiscard]] bool Holds(std::string_view /*provider*/) const override { return false; }
  void OnReplayReports(std::span<const StorageReport> /*reports*/) override {}
  [[nodiscard]] std::optional<Stalled> FindStalled() const override { return std::nullopt; }
  void HandedOver(std::uint64_t /*ticket*/) override {}

  std::map<CallbackNumber, std::string> bodies;
};

class NoListener final : public StorageListener {
 public:
  void OnReports(std::span<const StorageReport> /*reports*/) override {}
};

struct Sink {
  common::ProviderTable providers;
  RecordingRequestEvents events;  // Allocates, as a log line does.
  RecordingSink kafka;
  FakeSpool spool;
  NoListener listener;
  SpoolingSink sink{
      providers, seconds(4), kafka, kafka, spool, events, [] { return SpoolingSink::TimePoint(); }};
};

TEST(WithoutMemory, SpoolingSinkSpoolsNoCallbackWithoutItsBody) {
  constexpr CallbackNumber kCallbacks = 5;
  const auto prepare = [] {
    auto world = std::make_unique<Sink>();
    world->sink.Attach(world->listener);
    for (CallbackNumber number = 1; number <= kCallbacks; ++number) {
      EXPECT_EQ(world->sink.Offer(number, EnvelopeOf(number)), Offered::kTaken);
    }
    return world;
  };
  const auto run = [](Sink& world) {
    const StorageReport report{.number = world.kafka.numbers.front(),
                               .outcome = StorageOutcome::kUnavailable};
    world.sink.OnReports({&report, 1});
  };
  const auto check = [](Sink& world, bool has_failed) {
    world.sink.ExpireUntil(SpoolingSink::TimePoint(seconds(5)));
    for (const auto& [number, body] : world.spool.bodies) {
      EXPECT_EQ(body, EnvelopeOf(number).body) << number;
    }
    EXPECT_GE(world.spool.bodies.size(), has_failed ? kCallbacks - 1 : kCallbacks);
  };
  ForEachFailingAllocation(prepare, run, check);
}

TEST(WithoutMemory, LaterAnswersStillWakeTheirWorker) {
  struct World {
    common::http::CompletionQueue queue;
    std::vector<common::http::Completion> first{9};
    bool has_woken = false;
  };
  const auto run = [](World& world) { world.has_woken = world.queue.Push(world.first); };
  const auto check = [](World& world, bool /*has_failed*/) {
    std::vector<common::http::Completion> more(1);
    EXPECT_TRUE(world.queue.Push(more) || world.has_woken);
    std::vector<common::http::Completion> taken;
    world.queue.Take(taken);
    EXPECT_EQ(taken.size(), world.has_woken ? 10U : 1U);
  };
  ForEachFailingAllocation([] { return std::make_unique<World>(); }, run, check);
}

struct Endpoint {
  common::ProviderTable providers;
  RecordingRequestEvents events;  // Allocates, as a log line does.
  RecordingSink sink;
  RecordingResponses responses;
  RequestIds ids{1, 1};
  Acceptance acceptance{{}, sink, responses, ids, events};
  CredentialStore store{std::vector<CredentialSource>(providers.rows().size()),
                        std::vector<Credentials>(providers.rows().size(), {.open = true})};
  CallbackEndpoint endpoint{"/callbacks", providers, store,
                            acceptance,   events,    std::size_t{1} << 20U};
  common::http::Counter exceptions;
  common::http::GuardedService guarded{endpoint, exceptions};
};

TEST(WithoutMemory, FaultsGetTheStatusOfTheirRow) {
  Endpoint world;
  using common::http::HttpFault;
  for (const HttpFault fault :
       {HttpFault::kMalformed, HttpFault::kLengthRequired, HttpFault::kHeadTooLarge,
        HttpFault::kBodyTooLarge, HttpFault::kHeadTooSlow, HttpFault::kBodyTooSlow,
        HttpFault::kTooManyConnections, HttpFault::kOverloaded, HttpFault::kAnswerTooLate,
        HttpFault::kInternal}) {
    for (std::uint32_t row = 0; row < world.providers.rows().size(); ++row) {
      const int expected = world.guarded.AnswerFault(fault, row).status;
      const auto run = [&](Endpoint& same) {
        EXPECT_EQ(same.guarded.AnswerFault(fault, row).status, expected)
            << world.providers[row].name << " " << static_cast<int>(fault);
      };
      ForEachFailingAllocation([&] { return &world; }, run, [](const Endpoint&, bool) {});
    }
  }
}

TEST(WithoutMemory, AcceptedCallbacksLeaveTheByteCountBalanced) {
  const auto run = [](Endpoint& world) {
    common::http::RequestHead head;
    head.method = "POST";
    head.path = "/callbacks/onfido";
    std::optional<common::http::Answer> answer;
    const auto admission = world.guarded.Admit(head);
    if (admission) {
      (void)world.guarded.Handle(head, "a body", admission->tag, {.request = 1}, answer);
    }
    EXPECT_TRUE(!answer || answer->status != 200);
  };
  // The first JSON parsed ever makes simdjson detect the CPU's features, in a function that cannot
  // fail: without memory the process would end there.
  (void)common::json::ReadCallbackBody("{}");
  const auto check = [](Endpoint& world, bool /*has_failed*/) {
    world.acceptance.ExpireUntil(Acceptance::TimePoint::max());
    EXPECT_EQ(world.acceptance.load(), Load());
    for (const std::string& answer : world.responses.answers) {
      EXPECT_EQ(answer.find("durable"), std::string::npos) << answer;
    }
  };
  ForEachFailingAllocation([] { return std::make_unique<Endpoint>(); }, run, check);
}

}  // namespace
}  // namespace ingest
