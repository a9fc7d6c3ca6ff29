#include "ops/ctl/audit/audit_source.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "tests/harness/broker.h"
#include "tests/support/kafka_client.h"

namespace ctl {
namespace {

using common::Partition;
using common::WallTime;
using std::chrono::milliseconds;

WallTime At(int ms) { return WallTime(milliseconds(ms)); }

class AuditSourceTest : public testing::Test {
 protected:
  AuditSourceTest() : cluster_(tests::Broker::Shared().bootstrap()) {
    topic_ = cluster_.CreateUniqueTopic("audited", {.partitions = 2, .configs = {}});
    for (const int ms : {1'000, 2'000, 3'000}) {
      cluster_.Produce(topic_, {{.value = "v", .timestamp_ms = ms, .partition = 0},
                                {.value = "v", .timestamp_ms = ms, .partition = 1}});
    }
    ClusterSettings settings;
    settings.kafka["bootstrap.servers"] = tests::Broker::Shared().bootstrap();
    settings.group = tests::UniqueName("audit-group");
    source_ = *AuditSource::Open(settings, topic_);
  }

  void Learn(WallTime from) { ASSERT_TRUE(source_->Learn(from)); }
  void Read() {
    std::ostringstream out;
    std::ostringstream err;
    Output output{.out = out, .err = err};
    AuditPace pace{.progress = Progress(output, "audit"), .stop = {}};
    const auto read = source_->Read(source_->extents(), pace, [](const ScannedRecord&) {});
    ASSERT_TRUE(read) << read.error().detail;
  }

  tests::KafkaClient cluster_;
  std::string topic_;
  std::unique_ptr<AuditSource> source_;
};

// What it has not read is not known to be absent: a callback whose result expires while the audit
// reads is not one without a result.
TEST_F(AuditSourceTest, IsIncompleteBeforeWhatExpiresWhileItReads) {
  Learn(At(0));
  cluster_.DeleteRecords(topic_, 0, 2);
  Read();
  EXPECT_EQ(source_->CompleteSince(Partition(0)), At(3'000));
  EXPECT_EQ(source_->CompleteSince(Partition(1)), WallTime::min());
}

TEST_F(AuditSourceTest, IsIncompleteBeforeWhatExpiresBehindTheBeginOfItsRange) {
  Learn(At(2'000));
  cluster_.DeleteRecords(topic_, 0, 2);
  cluster_.DeleteRecords(topic_, 1, 3);
  Read();
  EXPECT_EQ(source_->CompleteSince(Partition(0)), At(3'000));
  EXPECT_EQ(source_->CompleteSince(Partition(1)), WallTime::max());
}

}  // namespace
}  // namespace ctl
