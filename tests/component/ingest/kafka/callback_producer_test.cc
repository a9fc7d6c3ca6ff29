#include "ingest/kafka/callback_producer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "common/base/guarded.h"
#include "ingest/acceptance/acceptance.h"
#include "ingest/acceptance/deadline_ticker.h"
#include "ingest/events.h"
#include "tests/component/common/kafka/mock_cluster.h"
#include "tests/support/wait_until.h"

// The broker ring proves visibility, min.insync.replicas and durability across crashes, which the
// mock cluster cannot.
namespace ingest {
namespace {

using common::Deadline;
using common::kafka::MockCluster;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using tests::WaitUntil;

constexpr milliseconds kPatience{15'000};
using SteadyClock = std::chrono::steady_clock;

common::Envelope ExampleEnvelope(const std::string& body = "{}") {
  common::Envelope envelope;
  envelope.key = "3065980b-f26b-4ec2-8987-7833b7781dae";
  envelope.body = body;
  envelope.provider = "onfido";
  envelope.request_id = "r";
  return envelope;
}

/// Keeps every report with its arrival time.
class RecordingListener final : public StorageListener {
 public:
  struct Entry {
    StorageOutcome outcome;
    std::string reason;
    SteadyClock::time_point at;
  };
  void OnReports(std::span<const StorageReport> reports) override {
    entries_.With([&](auto& entries) {
      for (const StorageReport& report : reports) {
        entries.insert_or_assign(
            report.number, Entry{report.outcome, std::string(report.reason), SteadyClock::now()});
      }
    });
  }
  [[nodiscard]] std::optional<Entry> Of(CallbackNumber number) const {
    return entries_.With([&](const auto& entries) {
      const auto found = entries.find(number);
      return found == entries.end() ? std::nullopt : std::optional(found->second);
    });
  }
  [[nodiscard]] std::size_t count() const {
    return entries_.With([](const auto& entries) { return entries.size(); });
  }
  /// "stored", "unavailable", "refused REASON", or "nothing" if no report arrives in time.
  [[nodiscard]] std::string Await(CallbackNumber number, milliseconds limit = kPatience) const {
    if (!WaitUntil([&] { return Of(number).has_value(); }, limit)) return "nothing";
    if (Of(number)->outcome == StorageOutcome::kRefused) return "refused " + Of(number)->reason;
    return Of(number)->outcome == StorageOutcome::kStored ? "stored" : "unavailable";
  }

 private:
  common::Guarded<std::map<CallbackNumber, Entry>> entries_;
};

/// Takes a producer's reports, like a worker of the HTTP server.
class ReportTaker {
 public:
  explicit ReportTaker(CallbackProducer& producer)
      : thread_([&producer](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            pollfd event{.fd = producer.report_event().get(), .events = POLLIN, .revents = 0};
            std::uint64_t count = 0;
            if (::poll(&event, 1, 50) > 0) (void)!::read(event.fd, &count, sizeof count);
            producer.PollReports();
          }
        }) {}

 private:
  std::jthread thread_;
};

class CallbackProducerTest : public ::testing::Test {
 protected:
  CallbackProducerTest() { cluster.CreateTopic("callbacks", 4); }

  ProducerSettings Settings() {
    ProducerSettings settings;
    settings.operator_properties = properties;
    settings.operator_properties["bootstrap.servers"] = cluster.bootstrap();
    settings.bounds = bounds;
    settings.batch.max_delay = MaxDelay::Fixed(max_delay);
    return settings;
  }

  TopicCheck Check() {
    return [this](rd_kafka_t*, Deadline) -> common::Result<TopicReport> {
      ++checks;
      std::vector<common::kafka::TopicFinding> findings;
      if (is_refused || checks <= refused_checks) {
        findings.push_back({common::kafka::TopicFault::kMinInsync, "callbacks", "one copy"});
      }
      return TopicReport{.findings = findings, .max_message_bytes = max_message_bytes};
    };
  }

  void Start(StorageListener& to) {
    producer.emplace(Settings(), Check(), log, events);
    const auto started = producer->Start(to);
    ASSERT_TRUE(started) << started.error().detail;
    taker.emplace(*producer);
  }

  void StartAndAwaitKafka(StorageListener& to) {
    Start(to);
    ASSERT_TRUE(WaitUntil([&] { return !producer->WhyAway(); }, kPatience)) << *producer->WhyAway();
  }

  [[nodiscard]] std::string Metrics() const {
    return prometheus::TextSerializer().Serialize(registry.Collect());
  }

  std::atomic<int> checks = 0;
  std::atomic<bool> is_refused = false;
  std::optional<std::size_t> max_message_bytes;  ///< The check's finding; set before Start().
  int refused_checks = 0;                        ///< This many checks refuse first.
  common::kafka::Properties properties;
  LoadBounds bounds;
  milliseconds max_delay{0};  ///< How long callbacks are held.
  common::ProviderTable providers;
  prometheus::Registry registry;
  /// True if one line of the log has both parts.
  [[nodiscard]] bool Logged(std::string_view event, std::string_view part) const {
    return lines.With([&](const std::vector<std::string>& all) {
      return std::ranges::any_of(all, [&](const std::string& line) {
        return line.find(event) != std::string::npos && line.find(part) != std::string::npos;
      });
    });
  }

  std::string hangs_at;  ///< An event; set before Start().
  std::atomic<bool> hangs = true;
  common::Guarded<std::vector<std::string>> lines;
  common::Logger log{"ingest", [this](std::string_view line) {
                       lines.With([&](auto& all) { all.emplace_back(line); });
                       if (!hangs_at.empty() && line.find(hangs_at) != std::string::npos) {
                         hangs.wait(true);
                       }
                     }};
  Events events{providers, registry, log};
  MockCluster cluster;
  RecordingListener listener;
  std::optional<CallbackProducer> producer;
  std::optional<ReportTaker> taker;
};

TEST_F(CallbackProducerTest, ReportsStoredOnlyAfterTheAck) {
  StartAndAwaitKafka(listener);
  cluster.SetLatency(milliseconds(400));
  const auto offered_at = SteadyClock::now();
  ASSERT_EQ(producer->Offer(1, ExampleEnvelope()), Offered::kTaken);
  EXPECT_EQ(listener.Await(1), "stored");
  EXPECT_GE(listener.Of(1)->at - offered_at, milliseconds(400));
}

// For ThreadSanitizer: the ticker of ingest may poll before the producer has started.
TEST_F(CallbackProducerTest, MayBePolledAndOfferedToWhileItStarts) {
  producer.emplace(Settings(), Check(), log, events);
  std::atomic<bool> is_polling = false;
  const std::jthread polling([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      producer->PollReports();
      (void)producer->Offer(1, ExampleEnvelope());
      is_polling = true;
    }
  });
  ASSERT_TRUE(WaitUntil([&] { return is_polling.load(); }, kPatience));
  const auto started = producer->Start(listener);
  ASSERT_TRUE(started) << started.error().detail;
  EXPECT_EQ(listener.Await(1), "stored");
}

TEST_F(CallbackProducerTest, StoresAnEmptyBody) {
  StartAndAwaitKafka(listener);
  ASSERT_EQ(producer->Offer(1, ExampleEnvelope("")), Offered::kTaken);
  EXPECT_EQ(listener.Await(1), "stored");
}

TEST_F(CallbackProducerTest, RetriesTransientBrokerErrors) {
  StartAndAwaitKafka(listener);
  cluster.Fail(MockCluster::kProduce,
               {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT});
  ASSERT_EQ(producer->Offer(1, ExampleEnvelope()), Offered::kTaken);
  EXPECT_EQ(listener.Await(1), "stored");
}

TEST_F(CallbackProducerTest, AcceptsATopicThatOnlyTheFirstCheckRefused) {
  refused_checks = 1;
  Start(listener);
  EXPECT_EQ(producer->AwaitFirstContact(Deadline::After(kPatience), {}),
            CallbackProducer::FirstContact::kAccepted);
  ASSERT_EQ(producer->Offer(1, ExampleEnvelope()), Offered::kTaken);
  EXPECT_EQ(listener.Await(1), "stored");
}

TEST_F(CallbackProducerTest, JudgesKafkaUnavailableAfterARefusalUntilTheNextAck) {
  StartAndAwaitKafka(listener);
  cluster.Fail(MockCluster::kProduce, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  ASSERT_EQ(producer->Offer(1, ExampleEnvelope()), Offered::kTaken);
  EXPECT_EQ(listener.Await(1), "unavailable");
  EXPECT_TRUE(WaitUntil([&] { return producer->WhyAway().has_value(); }, kPatience));
  // librdkafka itself refuses the next records until it has seen the topic again.
  ASSERT_TRUE(WaitUntil([&] { return producer->Offer(2, ExampleEnvelope()) == Offered::kTaken; },
                        kPatience));
  EXPECT_EQ(listener.Await(2), "stored");
  EXPECT_TRUE(WaitUntil([&] { return !producer->WhyAway(); }, kPatience));
}

TEST_F(CallbackProducerTest, StaysReadyWhileAcksArriveThoughEveryProbeTimesOut) {
  StartAndAwaitKafka(listener);
  cluster.SetLatency(milliseconds(1500));  // A probe waits for a second.
  const auto begun = SteadyClock::now();
  CallbackNumber number = 0;
  std::string refused;
  std::string away;
  while (SteadyClock::now() < begun + seconds(9)) {
    if (producer->Offer(++number, ExampleEnvelope()) != Offered::kTaken) {
      refused += std::to_string(number) + " ";
    }
    // Without traffic there is no evidence of Kafka yet.
    if (const auto why = producer->WhyAway(); why && listener.count() > 0) away += *why + ", ";
    std::this_thread::sleep_for(milliseconds(100));
  }
  EXPECT_EQ(refused, "");
  EXPECT_EQ(away, "");
  EXPECT_GT(listener.count(), 20U);
  for (CallbackNumber i = 1; i <= number; ++i) EXPECT_EQ(listener.Await(i), "stored") << i;
}

TEST_F(CallbackProducerTest, StaysReadyWhenTheBrokerRefusesOneRecord) {
  StartAndAwaitKafka(listener);
  CallbackNumber number = 1;
  for (const rd_kafka_resp_err_t error :
       {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_RECORD}) {
    cluster.Fail(MockCluster::kProduce, {error});
    ASSERT_EQ(producer->Offer(number, ExampleEnvelope()), Offered::kTaken);
    EXPECT_EQ(listener.Await(number),
              error == RD_KAFKA_RESP_ERR_INVALID_RECORD ? "refused INVALID_RECORD" : "unavailable")
        << "a small record may have shared a large batch";
    EXPECT_TRUE(
        WaitUntil([&] { return Logged("record.refused", rd_kafka_err2str(error)); }, kPatience));
    EXPECT_FALSE(producer->WhyAway()) << "the record is at fault, not Kafka";
    ++number;
  }
  ASSERT_EQ(producer->Offer(number, ExampleEnvelope()), Offered::kTaken);
  EXPECT_EQ(listener.Await(number), "stored");
}

TEST_F(CallbackProducerTest, ReportsUnavailableWhenNoBrokerAnswersInTime) {
  properties = {{"message.timeout.ms", "700"}};
  StartAndAwaitKafka(listener);
  cluster.SetDown();
  ASSERT_EQ(producer->Offer(1, ExampleEnvelope()), Offered::kTaken);
  EXPECT_EQ(listener.Await(1), "unavailable");
  EXPECT_TRUE(WaitUntil([&] { return producer->WhyAway().has_value(); }, kPatience));
  cluster.SetUp();
  EXPECT_TRUE(WaitUntil([&] { return !producer->WhyAway(); }, kPatience));
  ASSERT_EQ(producer->Offer(2, ExampleEnvelope()), Offered::kTaken);
  EXPECT_EQ(listener.Await(2), "stored");
}

TEST_F(CallbackProducerTest, RefusesImmediatelyWhenItsQueueIsFull) {
  bounds.max_requests = 5;
  StartAndAwaitKafka(listener);
  cluster.SetDown();
  for (CallbackNumber number = 1; number <= 5; ++number) {
    ASSERT_EQ(producer->Offer(number, ExampleEnvelope()), Offered::kTaken);
  }
  const auto before = SteadyClock::now();
  EXPECT_EQ(producer->Offer(6, ExampleEnvelope()), Offered::kFull);
  EXPECT_LT(SteadyClock::now() - before, milliseconds(100)) << "an offer never blocks";
  cluster.SetUp();
  EXPECT_EQ(listener.Await(5), "stored");
}

TEST_F(CallbackProducerTest, RefusesARecordAboveMessageMaxBytes) {
  properties = {{"message.max.bytes", "2000"}};
  StartAndAwaitKafka(listener);
  EXPECT_EQ(producer->Offer(1, ExampleEnvelope(std::string(3000, 'x'))), Offered::kRefused);
  ASSERT_EQ(producer->Offer(2, ExampleEnvelope()), Offered::kTaken);
  EXPECT_EQ(listener.Await(2), "stored");
}

TEST_F(CallbackProducerTest, ReportsRefusedWhenARecordAloneIsTooLarge) {
  properties = {{"batch.size", "1000"}};
  StartAndAwaitKafka(listener);
  cluster.Fail(MockCluster::kProduce, {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  ASSERT_EQ(producer->Offer(1, ExampleEnvelope(std::string(3000, 'x'))), Offered::kTaken);
  EXPECT_EQ(listener.Await(1), "refused MSG_SIZE_TOO_LARGE");
}

TEST_F(CallbackProducerTest, MakesSmallerBatchesAfterATooLargeOne) {
  StartAndAwaitKafka(listener);
  cluster.Fail(MockCluster::kProduce, {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  ASSERT_EQ(producer->Offer(1, ExampleEnvelope()), Offered::kTaken);
  EXPECT_EQ(listener.Await(1), "unavailable") << "it may have shared a batch";
  EXPECT_TRUE(WaitUntil([&] { return Logged("batches_limited", "500000"); }, kPatience));
  ASSERT_EQ(producer->Offer(2, ExampleEnvelope()), Offered::kTaken);
  EXPECT_EQ(listener.Await(2), "stored");
  EXPECT_THAT(Metrics(), HasSubstr("producer_restarts_total 0")) << "there was no fatal error";
}

TEST_F(CallbackProducerTest, LimitsBatchesToMaxMessageBytes) {
  max_message_bytes = 20'000;
  StartAndAwaitKafka(listener);
  EXPECT_TRUE(WaitUntil([&] { return Logged("batches_limited", "20000"); }, kPatience));
  ASSERT_EQ(producer->Offer(1, ExampleEnvelope()), Offered::kTaken);
  EXPECT_EQ(listener.Await(1), "stored");
}

TEST_F(CallbackProducerTest, LosesNoReportWhenItLimitsBatches) {
  max_message_bytes = 20'000;
  cluster.SetLatency(milliseconds(300));
  StartAndAwaitKafka(listener);
  CallbackNumber taken = 0;
  EXPECT_TRUE(WaitUntil(
      [&] {
        if (producer->Offer(taken + 1, ExampleEnvelope()) == Offered::kTaken) ++taken;
        return Logged("batches_limited", "20000");
      },
      kPatience, milliseconds(1)));
  EXPECT_TRUE(WaitUntil([&] { return listener.count() == taken; }, kPatience));
  for (CallbackNumber number = 1; number <= taken; ++number) {
    EXPECT_EQ(listener.Await(number), "stored") << number;
  }
}

TEST_F(CallbackProducerTest, KnowsTheNumberOfPartitions) {
  StartAndAwaitKafka(listener);
  EXPECT_EQ(producer->partitions(), 4);
}

TEST_F(CallbackProducerTest, RefusesOffersBeforeTheFirstContact) {
  cluster.SetDown();
  Start(listener);
  EXPECT_EQ(producer->AwaitFirstContact(Deadline::After(milliseconds(300)), {}),
            CallbackProducer::FirstContact::kNone);
  EXPECT_EQ(producer->Offer(1, ExampleEnvelope()), Offered::kAway);
  EXPECT_TRUE(producer->WhyAway());
  cluster.SetUp();
  EXPECT_EQ(producer->AwaitFirstContact(Deadline::After(kPatience), {}),
            CallbackProducer::FirstContact::kAccepted);
  ASSERT_EQ(producer->Offer(2, ExampleEnvelope()), Offered::kTaken);
  EXPECT_EQ(listener.Await(2), "stored");
}

TEST_F(CallbackProducerTest, RefusesOffersWhileTheTopicWouldBreakAPromise) {
  is_refused = true;
  Start(listener);
  EXPECT_EQ(producer->AwaitFirstContact(Deadline::After(kPatience), {}),
            CallbackProducer::FirstContact::kRefused);
  EXPECT_EQ(producer->WhyAway(), "one copy");
  EXPECT_EQ(producer->Offer(1, ExampleEnvelope()), Offered::kAway);
  is_refused = false;  // Mended.
  EXPECT_TRUE(WaitUntil([&] { return !producer->WhyAway(); }, kPatience));
  EXPECT_EQ(producer->Offer(2, ExampleEnvelope()), Offered::kTaken);
}

TEST_F(CallbackProducerTest, ReplacesAProducerAfterAFatalError) {
  // Only an idempotent producer has fatal errors.
  properties = {{"enable.idempotence", "true"}};
  StartAndAwaitKafka(listener);
  ASSERT_EQ(producer->Offer(1, ExampleEnvelope()), Offered::kTaken);
  ASSERT_EQ(listener.Await(1), "stored");
  cluster.Fail(MockCluster::kProduce,
               {RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER});
  ASSERT_EQ(producer->Offer(2, ExampleEnvelope()), Offered::kTaken);
  EXPECT_EQ(listener.Await(2), "unavailable");
  EXPECT_TRUE(WaitUntil(
      [&] { return Metrics().find("producer_restarts_total 1") != std::string::npos; }, kPatience))
      << Metrics();
  ASSERT_EQ(producer->Offer(3, ExampleEnvelope()), Offered::kTaken);
  EXPECT_EQ(listener.Await(3), "stored");
}

TEST_F(CallbackProducerTest, ReportsAllRecordsInFlightAfterAFatalError) {
  // A purge reports immediately, before the records' own timeout.
  properties = {{"enable.idempotence", "true"}, {"message.timeout.ms", "60000"}};
  StartAndAwaitKafka(listener);
  ASSERT_EQ(producer->Offer(1, ExampleEnvelope()), Offered::kTaken);
  ASSERT_EQ(listener.Await(1), "stored");
  cluster.Fail(MockCluster::kProduce,
               {RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER});
  constexpr CallbackNumber kLast = 200;
  CallbackNumber taken = 1;
  for (CallbackNumber number = 2; number <= kLast; ++number) {
    common::Envelope envelope = ExampleEnvelope();
    envelope.key = std::to_string(number);
    if (producer->Offer(number, std::move(envelope)) == Offered::kTaken) ++taken;
  }
  EXPECT_TRUE(WaitUntil([&] { return listener.count() == taken; }, kPatience))
      << listener.count() << " reports of " << taken;
  EXPECT_TRUE(WaitUntil(
      [&] { return Metrics().find("producer_restarts_total 1") != std::string::npos; }, kPatience));
  EXPECT_TRUE(WaitUntil([&] { return !producer->WhyAway(); }, kPatience));
  ASSERT_EQ(producer->Offer(kLast + 1, ExampleEnvelope()), Offered::kTaken);
  EXPECT_EQ(listener.Await(kLast + 1), "stored");
}

TEST_F(CallbackProducerTest, WaitsForOutstandingReportsAtClose) {
  StartAndAwaitKafka(listener);
  cluster.SetLatency(milliseconds(300));
  for (CallbackNumber number = 1; number <= 20; ++number) {
    ASSERT_EQ(producer->Offer(number, ExampleEnvelope()), Offered::kTaken);
  }
  EXPECT_EQ(producer->Close(Deadline::After(kPatience)).unsent, 0U);
  for (CallbackNumber number = 1; number <= 20; ++number) {
    EXPECT_EQ(listener.Await(number, milliseconds(0)), "stored") << number;
  }
  EXPECT_EQ(producer->Offer(21, ExampleEnvelope()), Offered::kAway);
}

TEST_F(CallbackProducerTest, ClosesByTheDeadlineWhileKafkaIsUnavailable) {
  StartAndAwaitKafka(listener);
  cluster.SetDown();
  ASSERT_EQ(producer->Offer(1, ExampleEnvelope()), Offered::kTaken);
  const auto before = SteadyClock::now();
  EXPECT_EQ(producer->Close(Deadline::After(milliseconds(300))).unsent, 1U);
  EXPECT_LT(SteadyClock::now() - before, seconds(3));
}

TEST_F(CallbackProducerTest, ClosesByTheDeadlineWhileItWaitsForAcksOfLargerBatches) {
  StartAndAwaitKafka(listener);
  cluster.Fail(MockCluster::kProduce, {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  ASSERT_EQ(producer->Offer(1, ExampleEnvelope()), Offered::kTaken);
  ASSERT_EQ(listener.Await(1), "unavailable");
  cluster.SetLatency(seconds(60));
  ASSERT_EQ(producer->Offer(2, ExampleEnvelope()), Offered::kTaken);
  ASSERT_TRUE(WaitUntil([&] { return Logged("batches_limited", "500000"); }, kPatience));
  EXPECT_TRUE(producer->Close(Deadline::After(milliseconds(3'500))).has_ended)
      << "without a stop they have 5 s";
}

/// The thread that logs this event stands still until the end of the test.
class HangingWatcherTest : public CallbackProducerTest {
 protected:
  HangingWatcherTest() {
    max_message_bytes = 20'000;
    hangs_at = "producer.batches_limited";
    StartAndAwaitKafka(listener);
    EXPECT_TRUE(WaitUntil([&] { return Logged(hangs_at, ""); }, kPatience));
  }
  ~HangingWatcherTest() override {
    hangs = false;
    hangs.notify_all();
  }
};

TEST_F(HangingWatcherTest, DoesNotDelayTheEndOfAStop) {
  const auto before = SteadyClock::now();
  EXPECT_FALSE(producer->Close(Deadline::After(milliseconds(100))).has_ended);
  EXPECT_LT(SteadyClock::now() - before, seconds(5));
}

TEST_F(HangingWatcherTest, LeavesNoGaugeGreen) {
  EXPECT_THAT(Metrics(), HasSubstr("\nsluice_ingest_kafka_up 1\n"));
  EXPECT_THAT(Metrics(), HasSubstr("\nsluice_ingest_partitions_failing 0\n"));
  EXPECT_TRUE(WaitUntil(
      [&] {
        producer->PassTime(SteadyClock::now());
        return Logged("kafka.unavailable", "Kafka was not asked lately");
      },
      kPatience));
  EXPECT_THAT(Metrics(), HasSubstr("\nsluice_ingest_kafka_up 0\n"));
  EXPECT_THAT(Metrics(), Not(HasSubstr("\nsluice_ingest_partitions_failing ")));
}

/// A producer that holds callbacks for company.
class BatchingProducerTest : public CallbackProducerTest {
 protected:
  static constexpr milliseconds kNearlyForever{600'000};

  /// Afterwards a single callback is held.
  void LetThreeWaitAtOnce() {
    StartAndAwaitKafka(listener);
    cluster.SetLatency(milliseconds(200));
    for (const CallbackNumber number : {101, 102, 103}) {
      ASSERT_EQ(producer->Offer(number, ExampleEnvelope()), Offered::kTaken);
    }
    for (const CallbackNumber number : {101, 102, 103}) ASSERT_EQ(listener.Await(number), "stored");
    cluster.SetLatency(milliseconds(0));
  }

  /// The value of a metric without labels, or with these.
  [[nodiscard]] std::string MetricLine(const std::string& name) const {
    const std::string metrics = Metrics();
    const std::size_t begin = metrics.find("\n" + name + " ");
    if (begin == std::string::npos) return "none";
    return metrics.substr(begin + 1, metrics.find('\n', begin + 1) - begin - 1);
  }
};

TEST_F(BatchingProducerTest, StoresHeldCallbacksTogetherAfterMaxDelay) {
  max_delay = milliseconds(150);
  LetThreeWaitAtOnce();
  const auto offered_at = SteadyClock::now();
  ASSERT_EQ(producer->Offer(1, ExampleEnvelope()), Offered::kTaken);
  ASSERT_EQ(producer->Offer(2, ExampleEnvelope()), Offered::kTaken);
  EXPECT_EQ(listener.Await(1), "stored");
  EXPECT_EQ(listener.Await(2), "stored");
  EXPECT_GE(listener.Of(1)->at - offered_at, max_delay);
  EXPECT_EQ(MetricLine("sluice_ingest_batch_wait_seconds_count"),
            "sluice_ingest_batch_wait_seconds_count 5");
  EXPECT_EQ(MetricLine("sluice_ingest_batch_wait_seconds_bucket{le=\"0.1\"}"),
            "sluice_ingest_batch_wait_seconds_bucket{le=\"0.1\"} 3");
  EXPECT_EQ(MetricLine("sluice_ingest_batch_records_sum{of=\"burst\"}"),
            "sluice_ingest_batch_records_sum{of=\"burst\"} 5");
  EXPECT_EQ(MetricLine("sluice_ingest_batch_records_count{of=\"burst\"}"),
            "sluice_ingest_batch_records_count{of=\"burst\"} 4");
  EXPECT_EQ(MetricLine("sluice_ingest_batch_records_count{of=\"partition\"}"),
            "sluice_ingest_batch_records_count{of=\"partition\"} 4")
      << "both have the same key";
}

TEST_F(BatchingProducerTest, StoresHeldCallbacksAtOnceWhenClosed) {
  max_delay = kNearlyForever;
  LetThreeWaitAtOnce();
  ASSERT_EQ(producer->Offer(1, ExampleEnvelope()), Offered::kTaken);
  ASSERT_EQ(producer->Offer(2, ExampleEnvelope()), Offered::kTaken);
  EXPECT_EQ(producer->Close(Deadline::After(kPatience)).unsent, 0U);
  EXPECT_EQ(listener.Await(1, milliseconds(0)), "stored");
  EXPECT_EQ(listener.Await(2, milliseconds(0)), "stored");
  EXPECT_EQ(producer->Offer(3, ExampleEnvelope()), Offered::kAway);
}

TEST_F(BatchingProducerTest, HoldsNoReplayedCallback) {
  max_delay = kNearlyForever;
  LetThreeWaitAtOnce();
  ASSERT_EQ(producer->unheld().Offer(1, ExampleEnvelope()), Offered::kTaken);
  EXPECT_EQ(listener.Await(1), "stored");
}

TEST_F(BatchingProducerTest, ReportsRecordsThatLibrdkafkaRefuses) {
  max_delay = kNearlyForever;
  bounds.max_requests = 1;
  properties = {{"message.max.bytes", "2000"}};
  StartAndAwaitKafka(listener);
  ASSERT_EQ(producer->Offer(1, ExampleEnvelope(std::string(3000, 'x'))), Offered::kTaken);
  EXPECT_EQ(listener.Await(1), "refused refused by the client");
  cluster.SetDown();
  ASSERT_EQ(producer->Offer(2, ExampleEnvelope()), Offered::kTaken);
  ASSERT_EQ(producer->Offer(3, ExampleEnvelope()), Offered::kTaken);
  EXPECT_EQ(listener.Await(3), "unavailable") << "the queue is full";
  cluster.SetUp();
  EXPECT_EQ(listener.Await(2), "stored");
}

/// Records the answers with their times. Threads: any.
class TimedResponses final : public PendingResponses {
 public:
  void Answer(std::span<const DecidedRequest> decided) override {
    answers_.With([&](auto& answers) {
      for (const auto& [request, row, situation] : decided) {
        answers.push_back(std::to_string(request.request) + ": " + std::string(NameOf(situation)));
      }
    });
  }
  [[nodiscard]] std::vector<std::string> All() const {
    return answers_.With([](const auto& answers) { return answers; });
  }

 private:
  common::Guarded<std::vector<std::string>> answers_;
};

/// Acceptance over a real producer: tests whether report or deadline decides.
class AcceptanceOverKafkaTest : public CallbackProducerTest {
 protected:
  void StartAcceptance(milliseconds ack_deadline) {
    producer.emplace(Settings(), Check(), log, events);
    acceptance.emplace(Acceptance::Options{.bounds = {}, .ack_deadline = ack_deadline}, *producer,
                       responses, ids, events);
    ticker.emplace(*acceptance);
    ASSERT_TRUE(producer->Start(*acceptance));
    taker.emplace(*producer);
    ASSERT_TRUE(WaitUntil([&] { return !producer->WhyAway(); }, kPatience));
  }
  ~AcceptanceOverKafkaTest() override {
    ticker.reset();
    taker.reset();
    producer.reset();
  }

  TimedResponses responses;
  RequestIds ids{1, 1};
  std::optional<Acceptance> acceptance;
  std::optional<DeadlineTicker> ticker;
};

TEST_F(AcceptanceOverKafkaTest, AnswersDurableAfterTheAck) {
  StartAcceptance(seconds(10));
  ASSERT_EQ(acceptance->Accept({}, {.request = 7}, SteadyClock::now()), std::nullopt);
  EXPECT_TRUE(WaitUntil([&] { return !responses.All().empty(); }, kPatience));
  EXPECT_THAT(responses.All(), ElementsAre("7: durable"));
}

TEST_F(AcceptanceOverKafkaTest, AnswersUnavailableAtTheDeadlineWhileNoBrokerAnswers) {
  StartAcceptance(milliseconds(400));
  cluster.SetDown();
  const auto accepted_at = SteadyClock::now();
  ASSERT_EQ(acceptance->Accept({}, {.request = 7}, accepted_at), std::nullopt);
  ASSERT_TRUE(WaitUntil([&] { return !responses.All().empty(); }, kPatience));
  const auto took = SteadyClock::now() - accepted_at;
  EXPECT_GE(took, milliseconds(400));
  EXPECT_LT(took, milliseconds(1400)) << "librdkafka must not delay the deadline";
  EXPECT_THAT(responses.All(), ElementsAre("7: unavailable"));
}

TEST_F(AcceptanceOverKafkaTest, AnswersAHeldCallbackAtItsDeadline) {
  max_delay = milliseconds(600'000);
  StartAcceptance(milliseconds(400));
  cluster.SetLatency(milliseconds(100));
  for (const std::uint64_t request : {1, 2}) {
    ASSERT_EQ(acceptance->Accept({}, {.request = request}, SteadyClock::now()), std::nullopt);
  }
  ASSERT_TRUE(WaitUntil([&] { return responses.All().size() == 2; }, kPatience));
  const auto accepted_at = SteadyClock::now();
  ASSERT_EQ(acceptance->Accept({}, {.request = 7}, accepted_at), std::nullopt);
  ASSERT_TRUE(WaitUntil([&] { return responses.All().size() == 3; }, kPatience));
  EXPECT_GE(SteadyClock::now() - accepted_at, milliseconds(400));
  EXPECT_EQ(responses.All().back(), "7: unavailable");
}

TEST_F(AcceptanceOverKafkaTest, CountsAReportAfterTheDeadline) {
  StartAcceptance(milliseconds(200));
  cluster.SetLatency(milliseconds(800));
  ASSERT_EQ(acceptance->Accept({}, {.request = 7}, SteadyClock::now()), std::nullopt);
  const std::string late = "sluice_ingest_late_reports_total{outcome=\"stored\"} 1";
  EXPECT_TRUE(WaitUntil([&] { return Metrics().find(late) != std::string::npos; }, kPatience))
      << Metrics();
  EXPECT_THAT(responses.All(), ElementsAre("7: unavailable"));
}

}  // namespace
}  // namespace ingest
