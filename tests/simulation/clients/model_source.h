#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "consumer/kafka/join_watch.h"
#include "consumer/lane/source.h"
#include "tests/simulation/cluster/cluster.h"

namespace simulation {

/// SourceConsumer's contract on the model: a static member that joins, heartbeats and fetches
/// beside the lane, as librdkafka's threads do, and tells the lane in Poll().
class ModelSource final : public consumer::Source {
 public:
  /// Lifetime: `host` must outlive it; so must what `wake` calls.
  ModelSource(Host& host, std::string instance, std::function<void()> wake);
  ~ModelSource() override;

  [[nodiscard]] int fd() const override { return -1; }
  bool Poll(consumer::SourceListener& listener, int max_records) override;
  [[nodiscard]] std::set<consumer::Partition> Seek(
      const std::map<consumer::Partition, consumer::Offset>& offsets) override;
  void Pause(const std::vector<consumer::Partition>& partitions) override;
  void Resume(const std::vector<consumer::Partition>& partitions) override;
  [[nodiscard]] std::optional<consumer::GroupMembership> Membership() const override;
  [[nodiscard]] std::optional<common::Error> failure() const override { return failure_; }
  [[nodiscard]] consumer::FencingDoubt fencing_doubt() const override { return doubt_; }
  void Renew(consumer::SourceListener& listener, MemberName name) override;
  void Close(consumer::SourceListener& listener) override;
  /// The member as its library knows it now.
  [[nodiscard]] Member member() const;

 private:
  struct Client;  ///< The state of one librdkafka client. Its fibers keep it until they end.

  void Join();
  void Leave();
  void Serve(consumer::SourceListener& listener);

  Host& host_;
  std::string instance_;
  std::function<void()> wake_;
  int fresh_names_ = 0;
  std::shared_ptr<consumer::JoinWatch> join_watch_ = std::make_shared<consumer::JoinWatch>();
  std::optional<common::Error> failure_;
  std::string assigned_id_;  ///< The member id of the last assignment; empty without one.
  consumer::FencingDoubt doubt_ = consumer::FencingDoubt::kNone;  ///< About `failure_`.
  std::shared_ptr<Client> client_;
};

}  // namespace simulation
