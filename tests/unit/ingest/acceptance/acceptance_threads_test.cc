#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <map>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "common/base/guarded.h"
#include "ingest/acceptance/acceptance.h"
#include "ingest/acceptance/deadline_ticker.h"
#include "tests/unit/ingest/doubles/recording_request_events.h"

namespace ingest {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

/// Keeps the numbers until a test thread reports them. Refuses every seventh offer.
class DeferringSink final : public CallbackSink {
 public:
  Offered Offer(CallbackNumber number, common::Envelope /*envelope*/) override {
    return waiting_.With([&](std::vector<CallbackNumber>& waiting) {
      if (++offers_ % 7 == 0) return Offered::kAway;
      waiting.push_back(number);
      return Offered::kTaken;
    });
  }
  std::vector<CallbackNumber> TakeAll() {
    std::vector<CallbackNumber> taken;
    waiting_.With([&](std::vector<CallbackNumber>& waiting) { taken.swap(waiting); });
    return taken;
  }

 private:
  int offers_ = 0;
  common::Guarded<std::vector<CallbackNumber>> waiting_;
};

class CountingResponses final : public PendingResponses {
 public:
  void Answer(std::span<const DecidedRequest> decided) override {
    for (const DecidedRequest& each : decided) Count(each.request.request);
  }
  void Count(std::uint64_t request) {
    answers_.With([&](auto& answers) { ++answers[request]; });
  }
  [[nodiscard]] std::map<std::uint64_t, int> answers() const {
    return answers_.With([](const auto& answers) { return answers; });
  }

 private:
  common::Guarded<std::map<std::uint64_t, int>> answers_;
};

// Requests, reports (some of them twice), deadlines and the stop run concurrently.
TEST(AcceptanceUnderThreads, AnswersEveryRequestExactlyOnce) {
  constexpr int kThreads = 3;
  constexpr int kRequests = 4000;
  RecordingRequestEvents events;
  DeferringSink sink;
  CountingResponses responses;
  RequestIds ids(1, 1);
  Acceptance acceptance({.bounds = {.max_requests = 500}, .ack_deadline = milliseconds(1)}, sink,
                        responses, ids, events);
  {
    const DeadlineTicker ticker(acceptance, milliseconds(1));
    std::jthread reporter([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        std::vector<StorageReport> reports;
        for (const CallbackNumber number : sink.TakeAll()) {
          reports.push_back({number, StorageOutcome::kStored});
          if (number % 5 == 0) reports.push_back({number, StorageOutcome::kUnavailable});
        }
        acceptance.OnReports(reports);
      }
    });
    std::vector<std::jthread> senders;
    for (int thread = 0; thread < kThreads; ++thread) {
      senders.emplace_back([&, thread] {
        for (int i = 0; i < kRequests; ++i) {
          const auto request = static_cast<std::uint64_t>(thread * kRequests + i);
          if (acceptance.Accept({}, {.request = request}, SteadyClock::now())) {
            responses.Count(request);  // Answered immediately.
          }
        }
      });
    }
    senders.clear();
    acceptance.Close();
  }
  const auto answers = responses.answers();
  EXPECT_EQ(answers.size(), static_cast<std::size_t>(kThreads * kRequests));
  for (const auto& [request, count] : answers) ASSERT_EQ(count, 1) << "request " << request;
  EXPECT_EQ(acceptance.load().requests, 0U);
  EXPECT_EQ(acceptance.load().bytes, 0U);
}

TEST(DeadlineTicker, ContinuesAfterATickWithoutMemory) {
  int ticks = 0;
  std::promise<void> continues;
  const DeadlineTicker ticker(
      [&](auto /*now*/) {
        if (++ticks == 1) throw std::bad_alloc();
        if (ticks == 2) continues.set_value();
      },
      milliseconds(1));
  EXPECT_EQ(continues.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

}  // namespace
}  // namespace ingest
