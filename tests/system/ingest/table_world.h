#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/component/ingest/support/running_ingest.h"
#include "tests/support/kafka_client.h"
#include "tests/system/ingest/answer_table.h"
#include "tests/system/ingest/table_run.h"

// Shared by the tests of the answer table: ingest's configuration and the expectations.
namespace ingest {

// The answer to a valid callback.
inline constexpr Expected kDurable = Same("200");
inline constexpr Expected kNotDurable = {"503", "503", "429", "503", "429"};
/// Kafka is unavailable, but one-shot callbacks can be spooled.
inline constexpr Expected kSpooled = {"503", "503", "429", "200", "200"};

/// All request variants, the slowest first.
[[nodiscard]] std::vector<RequestVariant> AllRequests();
/// A plain callback.
[[nodiscard]] std::vector<RequestVariant> OneRequest();

/// Every provider has its secret; the limits are the table's; `more` adds lines. No broker is
/// named.
[[nodiscard]] RunningIngest::Options TableOptions(const std::string& more = "");

/// "providers:" with the same value for each row.
[[nodiscard]] std::string ProvidersWith(std::string_view value);

/// Sends the variants and expects the table's answers. Repeats the run if the machine stalled
/// meanwhile, because slowness then proves nothing about ingest.
TableResult ExpectTable(RunningIngest& ingest, const char* what,
                        const std::vector<RequestVariant>& variants, const Expected& accepted);

/// Expects nothing of the sent texts in the log or the metrics.
void ExpectQuiet(RunningIngest& ingest);

/// Sends two requests for each sender: one that is half sent when the stop begins and completed
/// after the listener has closed, and one on a connection made during the drain delay.
void ExpectThroughADrain(RunningIngest& ingest, const Expected& expected);

/// Configuration lines that leave time for that.
inline constexpr const char* kDrains = "body_timeout: 8s\nack_deadline: 4s\ndrain_delay: 3s\n";

/// Expects the records of the topic to follow ops/docs/contracts, if there are any.
void ExpectContracts(tests::KafkaClient& kafka, const std::string& topic);

/// Uses the shared broker and its own topic.
class AnswerTableTest : public ::testing::Test {
 protected:
  AnswerTableTest();
  /// The records of the topic must follow ops/docs/contracts.
  void TearDown() override;

  [[nodiscard]] RunningIngest::Options Options(const std::string& more = "",
                                               const std::string& more_kafka = "") const;

  tests::KafkaClient kafka;
  std::string topic;
};

}  // namespace ingest
