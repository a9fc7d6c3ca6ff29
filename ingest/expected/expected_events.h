#pragma once

#include <cstddef>
#include <string_view>

#include "common/domain/partition.h"
#include "ingest/policy/answer.h"

namespace ingest {

/// Reports what happens on the route of announcements.
///
/// Threads: any.
class ExpectedEvents {
 public:
  virtual ~ExpectedEvents() = default;

  /// The announcements of a request that was answered 200.
  virtual void ExpectedStored(std::size_t announcements) = 0;
  /// A request that was not answered 200.
  virtual void ExpectedNotStored(Situation situation, int status) = 0;
  virtual void ExpectedTopicIsAccepting() = 0;
  virtual void ExpectedTopicIsAway(std::string_view why) = 0;
  // The producer of announcements. As KafkaEvents, with the topic, and without the callbacks'
  // metrics.
  virtual void ExpectedPartitionFails(std::string_view topic, common::Partition partition,
                                      std::string_view why) = 0;
  virtual void ExpectedPartitionWorks(std::string_view topic, common::Partition partition) = 0;
  virtual void ExpectedRecordsRefused(std::string_view topic, std::size_t count,
                                      std::string_view why) = 0;
  virtual void ExpectedProducerRestarted(std::string_view topic, std::string_view why) = 0;
  virtual void ExpectedProducerNotRebuilt(std::string_view topic, std::string_view why) = 0;
  virtual void ExpectedBatchesLimited(std::string_view topic, std::size_t bytes) = 0;
};

}  // namespace ingest
