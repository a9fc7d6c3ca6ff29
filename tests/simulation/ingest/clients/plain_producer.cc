#include "tests/simulation/ingest/clients/plain_producer.h"

#include <algorithm>
#include <utility>

#include "common/domain/key_partition.h"
#include "common/domain/partition.h"
#include "tests/simulation/ingest/world/process.h"

namespace simulation::intake {
namespace {

using ingest::Offered;
using std::chrono::milliseconds;
using std::chrono::seconds;

// The properties of ingest/kafka/producer_settings.cc.
constexpr seconds kMessageTimeout{6};
constexpr seconds kRequestTimeout{3};
constexpr milliseconds kLinger{1};
constexpr milliseconds kRetryPause{100};
constexpr int kInFlight = 5;

Cluster& Kafka() { return Cluster::Current(); }

}  // namespace

PlainProducer::PlainProducer(Host& host, ClientFaults& faults, Settings settings,
                             std::function<void()> signal, std::function<void()> on_fatal)
    : host_(host),
      faults_(faults),
      settings_(std::move(settings)),
      signal_(std::move(signal)),
      on_fatal_(std::move(on_fatal)) {}

void PlainProducer::BecomeFatal() {
  if (std::exchange(is_fatal_, true)) return;
  if (!is_closed_) on_fatal_();
}

Offered PlainProducer::Produce(ingest::CallbackNumber number, const common::Envelope& envelope) {
  if (is_fatal_) return Offered::kAway;
  if (outstanding_ >= settings_.max_records) return Offered::kFull;
  Process::Of(host_).judge().Produced(host_, envelope);
  Queued queued{.number = number, .entry = {}, .since = Kafka().runtime().now()};
  queued.entry.key = envelope.key;
  queued.entry.value = envelope.body;
  queued.entry.headers = common::HeadersOf(envelope);
  queued.entry.headers.push_back(
      {std::string(common::header::kIngestInstance), settings_.instance});
  const int count = Kafka().PartitionsOf(Topic::kCallbacks);
  const int partition = common::PartitionOf(envelope.key, count).number();
  partitions_[partition].queue.push_back(std::move(queued));
  ++outstanding_;
  StartWorkers(partition);
  return Offered::kTaken;
}

void PlainProducer::StartWorkers(int partition) {
  Partition& of = partitions_[partition];
  if (of.requests >= kInFlight) return;
  ++of.requests;
  Kafka().runtime().Spawn(host_, [self = shared_from_this(), partition] { self->Work(partition); });
}

void PlainProducer::Work(int partition) {
  Partition& of = partitions_[partition];
  Kafka().runtime().Sleep(kLinger);
  while (!of.queue.empty() && !host_.is_dead && !is_fatal_ && !is_closed_) {
    ExpireQueue(partition);
    Batch batch = TakeBatch(partition);
    if (batch.empty()) break;
    Send(partition, std::move(batch));
  }
  --of.requests;
}

PlainProducer::Batch PlainProducer::TakeBatch(int partition) {
  std::deque<Queued>& queue = partitions_[partition].queue;
  Batch batch;
  std::size_t bytes = 0;
  while (!queue.empty() && (batch.empty() || bytes + queue.front().size() <= settings_.max_batch)) {
    bytes += queue.front().size();
    batch.push_back(std::move(queue.front()));
    queue.pop_front();
  }
  return batch;
}

void PlainProducer::ExpireQueue(int partition) {
  std::deque<Queued>& queue = partitions_[partition].queue;
  const Time now = Kafka().runtime().now();
  while (!queue.empty() && queue.front().since + kMessageTimeout <= now) {
    Report(queue.front(), RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, partition);
    queue.pop_front();
  }
}

void PlainProducer::Send(int partition, Batch batch) {
  const std::uint64_t request = ++last_request_;
  std::vector<Entry> entries;
  entries.reserve(batch.size());
  for (const Queued& record : batch) entries.push_back(record.entry);
  in_flight_[request] = {partition, std::move(batch)};
  const auto reply = Kafka().ProducePlain({Topic::kCallbacks, partition}, entries, kRequestTimeout);
  auto ended = in_flight_.extract(request);
  if (ended.empty() || host_.is_dead) return;  // Purged, or of no interest.
  batch = std::move(ended.mapped().second);
  if (reply.is_answered() && reply.answer.code == Code::kNone) {
    for (const Queued& record : batch) Report(record, RD_KAFKA_RESP_ERR_NO_ERROR, partition);
    return;
  }
  if (reply.is_answered() && reply.answer.code == Code::kRecordTooLarge) {
    // Kafka refuses the whole batch for one large record, until ingest has found the limit. The
    // others of the batch are refused with it, or go to the spool with it.
    Process& process = Process::Of(host_);
    if (batch.size() > 1 || !process.may_read_limit()) {
      process.troubles.kafka = Kafka().runtime().now();
    }
    for (const Queued& record : batch) {
      Report(record, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, partition);
    }
    return;
  }
  // To be sent again, in front of what came later; other requests may be under way.
  std::deque<Queued>& queue = partitions_[partition].queue;
  for (auto record = batch.rbegin(); record != batch.rend(); ++record) {
    queue.push_front(std::move(*record));
  }
  Kafka().runtime().Sleep(kRetryPause);
}

void PlainProducer::Report(const Queued& record, rd_kafka_resp_err_t error, int partition) {
  if (faults_.lose_report > 0 && Kafka().client_random().Chance(faults_.lose_report)) {
    --outstanding_;
    return;
  }
  reports_.push_back({.number = record.number,
                      .is_stored = error == RD_KAFKA_RESP_ERR_NO_ERROR,
                      .error = error,
                      .partition = common::Partition(partition),
                      .size = record.size(),
                      .max_batch = settings_.max_batch,
                      .since_produce = std::chrono::duration_cast<std::chrono::microseconds>(
                          Kafka().runtime().now() - record.since)});
  if (reports_.size() == 1) signal_();
}

std::vector<ingest::Delivery> PlainProducer::TakeReports() {
  if (Kafka().runtime().now() < faults_.reports_late_until) return {};
  outstanding_ -= reports_.size();
  return std::exchange(reports_, {});
}

void PlainProducer::Purge() {
  for (auto& [partition, of] : partitions_) {
    for (const Queued& record : of.queue) {
      Report(record, RD_KAFKA_RESP_ERR__PURGE_QUEUE, partition);
    }
    of.queue.clear();
  }
  for (const auto& [request, sent] : std::exchange(in_flight_, {})) {
    for (const Queued& record : sent.second) {
      Report(record, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, sent.first);
    }
  }
}

}  // namespace simulation::intake
