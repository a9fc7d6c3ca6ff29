#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/rfc3339.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "common/domain/record_headers.h"

namespace consumer {

using common::Offset;
using common::Partition;

/// A record of `callbacks` as read.
struct SourceRecord {
  Partition partition{};
  Offset offset{};
  common::WallTime time{};  ///< Record time: Kafka's timestamp.
  std::string key;
  std::string value;
  common::RecordHeaders headers;

  [[nodiscard]] std::size_t bytes() const { return key.size() + value.size(); }
};

/// A borrowed SourceRecord: views into librdkafka's message. Most records are duplicates and are
/// dropped without a copy.
///
/// Lifetime: the views are valid during the call that receives them.
struct ArrivedRecord {
  Partition partition{};
  Offset offset{};
  common::WallTime time{};
  std::string_view key;
  std::string_view value;
  common::HeaderViews headers;

  [[nodiscard]] SourceRecord Keep() const {
    SourceRecord kept{.partition = partition,
                      .offset = offset,
                      .time = time,
                      .key = std::string(key),
                      .value = std::string(value),
                      .headers = {}};
    kept.headers.reserve(headers.size());
    for (const auto& [name, text] : headers) {
      kept.headers.push_back({std::string(name), std::string(text)});
    }
    return kept;
  }
};

enum class OutgoingTopic { kProcesses, kSeen, kDead };

/// The keys below `topics` in the configuration.
[[nodiscard]] constexpr std::string_view ToText(OutgoingTopic topic) {
  switch (topic) {
    case OutgoingTopic::kProcesses:
      return "processes";
    case OutgoingTopic::kSeen:
      return "seen";
    case OutgoingTopic::kDead:
      return "dead";
  }
  return "";
}

/// A record to produce in a transaction.
struct OutgoingRecord {
  OutgoingTopic topic = OutgoingTopic::kProcesses;
  std::optional<Partition> partition;         ///< None: chosen by the key.
  std::optional<common::WallTime> timestamp;  ///< None: the time of producing.
  std::string key;
  std::string value;
  common::RecordHeaders headers;

  [[nodiscard]] std::size_t bytes() const { return key.size() + value.size(); }
};

}  // namespace consumer
