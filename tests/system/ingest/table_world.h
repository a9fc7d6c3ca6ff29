#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/component/ingest/support/running_ingest.h"
#include "tests/support/kafka_client.h"
#include "tests/system/ingest/answer_table.h"
#include "tests/system/ingest/table_run.h"

// What the tests of the answer table share: how ingest is configured, and what must be.
namespace ingest {

// What a valid callback is answered (domain 3.4: 1, 3).
inline constexpr Expected kDurable = Same("200");
inline constexpr Expected kNotDurable = {"503", "503", "429", "503", "429"};
/// Not durable in Kafka, but there is a spool for those who do not come again.
inline constexpr Expected kSpooled = {"503", "503", "429", "200", "200"};

/// All that can be asked, what takes longest first.
[[nodiscard]] std::vector<Way> AllWays();
/// A plain callback.
[[nodiscard]] std::vector<Way> OneWay();

/// Every provider has its secret; limits as in the table, and `more` lines. No broker is named.
[[nodiscard]] RunningIngest::Options TableOptions(const std::string& more = "");

/// "providers:" with the same value for each row.
[[nodiscard]] std::string ProvidersWith(std::string_view value);

/// Asks and expects what the table says. Once more where the machine has stood still meanwhile:
/// what was too slow then says nothing about ingest.
TableResult ExpectTable(RunningIngest& ingest, const char* what, const std::vector<Way>& ways,
                        const Expected& accepted);

/// Nothing of what was sent is in the log or the metrics.
void ExpectQuiet(RunningIngest& ingest);

/// For each sender a request that is half sent when the stop begins and goes on once the listener
/// has closed, and one on a connection that is made within the drain delay.
void ExpectThroughADrain(RunningIngest& ingest, const Expected& expected);

/// Lines of a configuration that leave time to do so.
inline constexpr const char* kDrains = "body_timeout: 8s\nack_deadline: 4s\ndrain_delay: 3s\n";

/// With the shared broker and a topic of its own.
class AnswerTableTest : public ::testing::Test {
 protected:
  AnswerTableTest();

  [[nodiscard]] RunningIngest::Options Options(const std::string& more = "",
                                               const std::string& more_kafka = "") const;

  tests::KafkaClient kafka;
  std::string topic;
};

}  // namespace ingest
