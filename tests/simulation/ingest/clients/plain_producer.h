#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/callback_record.h"
#include "ingest/acceptance/callback_sink.h"
#include "ingest/kafka/producer_session.h"
#include "tests/simulation/cluster/cluster.h"

namespace simulation::intake {

/// Faults of the Kafka clients of one process.
struct ClientFaults {
  Time reports_late_until{};             ///< Until then no delivery report comes.
  double lose_report = 0;                ///< So many reports never come.
  std::function<void()> become_fatal{};  ///< Makes the present client unusable, in a fiber.
  Time cannot_open_until{};              ///< Until then no other client can be made.
  Time last_not_opened{};
};

/// librdkafka's producer without idempotence, on the model: a queue for each partition, requests in
/// flight side by side, retries that can duplicate and reorder, reports that wait to be taken.
///
/// Its fibers outlive the session that they work for.
class PlainProducer : public std::enable_shared_from_this<PlainProducer> {
 public:
  struct Settings {
    std::size_t max_batch = 0;
    std::size_t max_records = 0;
    std::string instance;
  };
  PlainProducer(Host& host, ClientFaults& faults, Settings settings, std::function<void()> signal,
                std::function<void()> on_fatal);

  [[nodiscard]] ingest::Offered Produce(ingest::CallbackNumber number,
                                        const common::Envelope& envelope);
  [[nodiscard]] std::vector<ingest::Delivery> TakeReports();
  [[nodiscard]] std::size_t outstanding() const { return outstanding_; }
  [[nodiscard]] bool is_fatal() const { return is_fatal_; }
  /// An error from which it does not recover. Calls `on_fatal`.
  void BecomeFatal();
  void Purge();
  /// Nobody takes reports any more.
  void Close() { is_closed_ = true; }
  [[nodiscard]] Host& host() const { return host_; }

 private:
  struct Queued {
    ingest::CallbackNumber number = 0;
    Entry entry;
    Time since{};
    [[nodiscard]] std::size_t size() const { return entry.key.size() + entry.value.size(); }
  };
  using Batch = std::vector<Queued>;
  struct Partition {
    std::deque<Queued> queue;
    int requests = 0;  ///< In flight.
  };

  void Work(int partition);
  [[nodiscard]] Batch TakeBatch(int partition);
  void Send(int partition, Batch batch);
  void ExpireQueue(int partition);
  void Report(const Queued& record, rd_kafka_resp_err_t error, int partition);
  void StartWorkers(int partition);

  Host& host_;
  ClientFaults& faults_;
  const Settings settings_;
  const std::function<void()> signal_;
  const std::function<void()> on_fatal_;
  std::map<int, Partition> partitions_;
  std::map<std::uint64_t, std::pair<int, Batch>> in_flight_;  ///< By request: partition, records.
  std::uint64_t last_request_ = 0;
  std::vector<ingest::Delivery> reports_;
  std::size_t outstanding_ = 0;
  bool is_fatal_ = false;
  bool is_closed_ = false;
};

}  // namespace simulation::intake
