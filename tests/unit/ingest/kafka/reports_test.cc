#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/domain/partition.h"
#include "ingest/kafka/availability_report.h"
#include "ingest/kafka/delivery_fault.h"
#include "ingest/kafka/refused_records_report.h"
#include "tests/unit/ingest/kafka/recording_kafka_events.h"

namespace ingest {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto kTooLarge = RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
constexpr auto kInvalid = RD_KAFKA_RESP_ERR_INVALID_RECORD;

TEST(RefusedRecordsReport, CountsTheSameReasonForAMinute) {
  RecordingKafkaEvents events;
  RefusedRecordsReport report;
  const RefusedRecordsReport::TimePoint start(1h);
  report.Count(kInvalid);
  report.Report(events, {"callbacks"}, start);
  EXPECT_THAT(events.Take(), ElementsAre("1 refused: Broker: Broker failed to validate record"));
  report.Count(kInvalid);
  report.Report(events, {"callbacks"}, start + 59s);
  report.Count(kInvalid);
  EXPECT_THAT(events.Take(), IsEmpty());
  report.Report(events, {"callbacks"}, start + 60s);
  EXPECT_THAT(events.Take(), ElementsAre("2 refused: Broker: Broker failed to validate record"));
  report.Report(events, {"callbacks"}, start + 180s);
  EXPECT_THAT(events.Take(), IsEmpty());
}

TEST(RefusedRecordsReport, ReportsANewReasonAtOnceWithAdvice) {
  RecordingKafkaEvents events;
  RefusedRecordsReport report;
  const RefusedRecordsReport::TimePoint start(1h);
  report.Count(kInvalid);
  report.Report(events, {"callbacks"}, start);
  ASSERT_EQ(events.Take().size(), 1U);
  report.Count(kTooLarge);
  report.Report(events, {"callbacks"}, start + 1s);
  EXPECT_THAT(events.Take(),
              ElementsAre("1 refused: Broker: Message size too large: raise max.message.bytes of "
                          "callbacks above max_body"));
  report.Count(kTooLarge);
  report.Report(events, {"callbacks.expected", "4096, the largest announcement"}, start + 61s);
  EXPECT_THAT(events.Take(),
              ElementsAre("1 refused: Broker: Message size too large: raise max.message.bytes of "
                          "callbacks.expected above 4096, the largest announcement"));
}

TEST(AvailabilityReport, ReportsOnlyChanges) {
  RecordingKafkaEvents events;
  AvailabilityReport report(events);
  report.Report(std::nullopt, {});
  EXPECT_THAT(events.Take(), ElementsAre("accepting"));
  report.Report(std::nullopt, {});
  EXPECT_THAT(events.Take(), IsEmpty());
  report.Report("no broker answers", {});
  report.Report("another reason", {});
  EXPECT_THAT(events.Take(), ElementsAre("away: no broker answers"));
  report.Report(std::nullopt, {});
  EXPECT_THAT(events.Take(), ElementsAre("accepting"));
}

TEST(AvailabilityReport, SaysNothingOfPartitionsWhileTheyAreUnknown) {
  RecordingKafkaEvents events;
  AvailabilityReport report(events);
  report.Report(std::nullopt, AvailabilityReport::Failing{{common::Partition(3), "no leader"}});
  EXPECT_THAT(events.Take(), ElementsAre("3 fails: no leader", "accepting"));
  report.Report(std::nullopt, std::nullopt);
  EXPECT_THAT(events.Take(), IsEmpty()) << "it may still fail";
  EXPECT_EQ(events.failing, std::nullopt);
  report.Report(std::nullopt, AvailabilityReport::Failing{});
  EXPECT_THAT(events.Take(), ElementsAre("3 works"));
  EXPECT_EQ(events.failing, 0U);
}

TEST(AvailabilityReport, ReportsEachPartitionThatFailsOrWorksAgain) {
  RecordingKafkaEvents events;
  AvailabilityReport report(events);
  using Failing = AvailabilityReport::Failing;
  report.Report(std::nullopt,
                Failing{{common::Partition(3), "no leader"}, {common::Partition(5), "no leader"}});
  EXPECT_THAT(events.Take(), ElementsAre("3 fails: no leader", "5 fails: no leader", "accepting"));
  EXPECT_EQ(events.failing, 2U);
  report.Report(std::nullopt, Failing{{common::Partition(5), "another reason"}});
  EXPECT_THAT(events.Take(), ElementsAre("3 works"));
  EXPECT_EQ(events.failing, 1U);
}

TEST(DeliveryFault, IsOfTheRecordThePartitionOrOurOwnPurge) {
  EXPECT_EQ(FaultOf(kTooLarge), DeliveryFault::kRecord);
  EXPECT_EQ(FaultOf(kInvalid), DeliveryFault::kRecord);
  EXPECT_EQ(FaultOf(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT), DeliveryFault::kPartition);
  EXPECT_EQ(FaultOf(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS), DeliveryFault::kPartition);
  EXPECT_EQ(FaultOf(RD_KAFKA_RESP_ERR__PURGE_INFLIGHT), DeliveryFault::kPurge);
  EXPECT_EQ(FaultOf(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), DeliveryFault::kOther);
}

}  // namespace
}  // namespace ingest
