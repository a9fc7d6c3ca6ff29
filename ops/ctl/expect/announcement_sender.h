#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/domain/record_position.h"
#include "common/kafka/handles.h"
#include "ops/ctl/expect/expect_request.h"
#include "ops/ctl/kafka/delivery_reports.h"
#include "ops/ctl/kafka/kafka_client.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// The fate of one record.
struct SentAnnouncement {
  std::optional<common::RecordPosition> place = {};  ///< None: see `error`.
  /// Why it is not known to be stored; none: all in-sync replicas have it.
  std::optional<std::string> error = "it was not sent";
};

/// Writes announcements to their topic, without a transaction.
///
/// Threads: confined to one; every call is bounded.
class AnnouncementSender {
 public:
  /// Errors: kStop if librdkafka refuses the properties.
  static common::Result<std::unique_ptr<AnnouncementSender>> Open(const ClusterSettings& settings);

  /// Sends all, in their order, and waits for their reports; for two seconds at most after the
  /// stop. The results are in the order of the requests. Sends no more once nobody answers.
  [[nodiscard]] std::vector<SentAnnouncement> Send(const std::vector<ExpectRequest>& requests,
                                                   const std::stop_token& stop);

 private:
  AnnouncementSender(const ClusterSettings& settings, std::unique_ptr<KafkaClient> client);
  /// Waits while a queue is full: until there is room, a record has failed, the stop or a deadline.
  rd_kafka_resp_err_t ProduceOnceThereIsRoom(const ExpectRequest& request, std::size_t index,
                                             const std::stop_token& stop);
  rd_kafka_resp_err_t Produce(const ExpectRequest& request, std::size_t index);
  void HandleReport(const rd_kafka_message_t& message);

  std::unique_ptr<KafkaClient> client_;
  common::kafka::Topic topic_;
  DeliveryReports reports_;
  std::vector<SentAnnouncement> sent_;  ///< Of the call of Send() under way.
  std::size_t under_way_ = 0;
  bool is_hopeless_ = false;  ///< A record was not stored in time.
};

}  // namespace ctl
