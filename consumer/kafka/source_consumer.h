#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/kafka/client_log.h"
#include "common/kafka/handles.h"
#include "common/kafka/read_ahead.h"
#include "common/telemetry/log.h"
#include "consumer/kafka/client_settings.h"
#include "consumer/kafka/event_fd.h"
#include "consumer/kafka/join_watch.h"
#include "consumer/kafka/retirement.h"
#include "consumer/lane/source.h"

namespace consumer {

/// A static member of the consumer group that reads `callbacks`, read_committed (so that it waits
/// for the offsets of a predecessor's open transaction), with eager rebalances.
///
/// It accepts an assignment paused, at the log's beginning; reading starts at the offset given to
/// Seek(). The client never looks up committed offsets itself: its result could differ from the
/// restorer's.
///
/// Threads: confined to the lane.
class SourceConsumer final : public Source {
 public:
  /// Joins the group; no broker needs to be available yet.
  /// Errors: kStop, with librdkafka's message.
  static common::Result<std::unique_ptr<SourceConsumer>> Create(const ClientSettings& settings,
                                                                const common::Logger& log);
  ~SourceConsumer() override;

  [[nodiscard]] int fd() const override { return wake_.fd(); }
  bool Poll(SourceListener& listener, int max_records) override;
  [[nodiscard]] std::set<Partition> Seek(const std::map<Partition, Offset>& offsets) override;
  void Pause(const std::vector<Partition>& partitions) override;
  void Resume(const std::vector<Partition>& partitions) override;
  [[nodiscard]] std::optional<GroupMembership> Membership() const override;
  [[nodiscard]] std::optional<common::Error> failure() const override { return failure_; }
  [[nodiscard]] FencingDoubt fencing_doubt() const override { return doubt_; }
  void Renew(SourceListener& listener, MemberName name) override;
  void Close(SourceListener& listener) override;

  [[nodiscard]] rd_kafka_t* client() const { return client_.get(); }

 private:
  SourceConsumer(ClientSettings settings, const common::Logger& log);
  common::Result<void> Join();
  void Leave();
  static void OnRebalance(rd_kafka_t* client, rd_kafka_resp_err_t code,
                          rd_kafka_topic_partition_list_t* partitions, void* opaque) noexcept;
  void Rebalance(rd_kafka_resp_err_t code, const rd_kafka_topic_partition_list_t& partitions);
  void HandleError(const rd_kafka_message_t& message);
  void LookForFailure();
  [[nodiscard]] std::string MemberId() const;
  [[nodiscard]] common::kafka::PartitionList ListOf(const std::vector<Partition>& partitions) const;

  ClientSettings settings_;
  const common::Logger& log_;
  common::kafka::ClientLog client_log_;
  JoinWatch join_watch_;
  EventFd wake_;
  SourceListener* listener_ = nullptr;  ///< During Poll(), Renew() and Close().
  bool is_assigned_ = false;
  std::string assigned_id_;  ///< The member id of the last assignment; empty without one.
  common::kafka::ReadAhead read_ahead_;
  ArrivedRecord arrived_;  ///< During Poll().
  int fresh_names_ = 0;    ///< Used so far.
  std::optional<common::Error> failure_;
  FencingDoubt doubt_ = FencingDoubt::kNone;  ///< About `failure_`.
  // Last: their callbacks use the members above.
  Retirement retirement_;
  common::kafka::Handle client_;
  common::kafka::Queue queue_;
};

}  // namespace consumer
