#include "tests/simulation/clients/model_producer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/kafka/classify_error.h"

namespace simulation {
namespace {

using common::Deadline;
using common::Error;
using common::Remedy;
using common::Result;
using std::chrono::milliseconds;
namespace code = common::kafka::code;

constexpr milliseconds kOneRequest{30'000};
constexpr milliseconds kRetryPause{20};
constexpr std::chrono::seconds kTransactionTimeout{10};
// API keys of the protocol.
constexpr std::int16_t kProduce = 0;
constexpr std::int16_t kInitProducerId = 22;
constexpr std::int16_t kAddPartitionsToTxn = 24;
constexpr std::int16_t kEndTxn = 26;
constexpr std::int16_t kTxnOffsetCommit = 28;

Cluster& Kafka() { return Cluster::Current(); }

Span Limit(Deadline deadline) {
  return std::clamp(Span(deadline.at() - Deadline::Clock::now()), Span(0), Span(kOneRequest));
}

bool IsDead() { return Kafka().runtime().host()->is_dead; }

/// Why the topic refuses all records of a request.
std::optional<consumer::RefusalReason> ReasonOf(Code refused) {
  if (refused == Code::kRecordTooLarge) return consumer::RefusalReason::kTooLarge;
  if (refused == Code::kInvalidTimestamp) return consumer::RefusalReason::kTimestamp;
  return std::nullopt;
}

/// The same call may be made again, but not at once. Of a process that is dead, nobody cares.
Error TimedOut(std::string_view call) {
  if (IsDead()) return {Remedy::kStop, code::kFatal, "dead"};
  Kafka().runtime().Sleep(kRetryPause);
  return {Remedy::kRetry, code::kRetriable, std::string(call) + ": timed out"};
}

}  // namespace

Error ModelProducer::Judge(Code failure, std::string_view call) {
  const std::string detail =
      std::string(call) + " refused " + std::to_string(static_cast<int>(failure));
  switch (failure) {
    case Code::kInvalidProducerEpoch:
    case Code::kProducerFenced:
      is_fatal_ = true;
      return {Remedy::kStop, code::kFenced, detail};
    case Code::kOutOfOrderSequence:
      is_fatal_ = true;
      return {Remedy::kStop, code::kFatal, detail};
    default:
      must_abort_ = true;
      return {Remedy::kAbort, code::kAbort, detail};
  }
}

/// Whether the request is to be sent again.
template <typename Answer>
bool ModelProducer::Repeats(std::int16_t api_key, const Reply<Answer>& reply) {
  if (reply.delivery != Delivery::kNotSent) {
    watch_.OnSent(api_key);
    watch_.OnEnded(api_key,
                   reply.is_answered() ? RD_KAFKA_RESP_ERR_NO_ERROR : RD_KAFKA_RESP_ERR__TRANSPORT);
  }
  const bool is_passing =
      reply.answer.code == Code::kNotLeader || reply.answer.code == Code::kConcurrentTransactions;
  if (reply.is_answered() && !is_passing) return false;
  Kafka().runtime().Sleep(kRetryPause);
  return true;
}

Result<void> ModelProducer::Initialise(Deadline deadline) {
  while (!deadline.HasPassed() && !IsDead()) {
    const auto reply = Kafka().InitProducer(id_, kTransactionTimeout, Limit(deadline));
    if (Repeats(kInitProducerId, reply)) continue;
    if (reply.answer.code != Code::kNone) return Judge(reply.answer.code, "init_transactions");
    producer_ = reply.answer.producer;
    sequences_.clear();
    return {};
  }
  return TimedOut("init_transactions");
}

Result<void> ModelProducer::Begin() {
  if (is_fatal_) return Error{Remedy::kStop, code::kFatal, "begin_transaction"};
  queued_.clear();
  added_.clear();
  refusals_.clear();
  watch_.Reset();
  must_abort_ = false;
  return {};
}

void ModelProducer::Queue(Place place, Entry entry, std::size_t position) {
  Queued& queued = queued_[place];
  queued.entries.push_back(std::move(entry));
  queued.positions.push_back(position);
}

Result<void> ModelProducer::Add(const std::set<Place>& places, Deadline deadline) {
  while (!deadline.HasPassed() && !IsDead()) {
    const auto reply = Kafka().AddPartitions(id_, producer_, places, Limit(deadline));
    if (Repeats(kAddPartitionsToTxn, reply)) continue;
    if (reply.answer.code != Code::kNone) return Judge(reply.answer.code, "add_partitions");
    added_.insert(places.begin(), places.end());
    return {};
  }
  return TimedOut("add_partitions");
}

Result<void> ModelProducer::Deliver(Place place, Queued& queued, Deadline deadline) {
  int& sequence = sequences_[place];
  while (!deadline.HasPassed() && !IsDead()) {
    const auto reply = Kafka().Produce(place, producer_, sequence, queued.entries, Limit(deadline));
    if (Repeats(kProduce, reply)) continue;
    if (const auto reason = ReasonOf(reply.answer.code)) {
      for (const std::size_t position : queued.positions) refusals_.push_back({position, *reason});
    }
    if (reply.answer.code != Code::kNone) return Judge(reply.answer.code, "produce");
    sequence += static_cast<int>(queued.entries.size());
    queued.is_delivered = true;
    return {};
  }
  return TimedOut("flush");
}

Result<void> ModelProducer::Flush(Deadline deadline) {
  if (is_fatal_) return Error{Remedy::kStop, code::kFatal, "flush"};
  std::set<Place> places;
  for (const auto& [place, queued] : queued_) {
    if (!added_.contains(place)) places.insert(place);
  }
  if (!places.empty()) {
    if (Result<void> added = Add(places, deadline); !added) return added;
  }
  for (auto& [place, queued] : queued_) {
    if (queued.is_delivered) continue;
    if (Result<void> delivered = Deliver(place, queued, deadline); !delivered) return delivered;
  }
  return {};
}

// Without an offset, librdkafka sends nothing.
Result<void> ModelProducer::SendOffsets(const OffsetMap& offsets, const Member& member,
                                        Deadline deadline) {
  if (offsets.empty()) return {};
  if (!added_.contains(kGroupCoordinator)) {
    if (Result<void> added = Add({kGroupCoordinator}, deadline); !added) return added;
  }
  while (!deadline.HasPassed() && !IsDead()) {
    const auto reply = Kafka().CommitOffsets(producer_, member, offsets, Limit(deadline));
    if (Repeats(kTxnOffsetCommit, reply)) continue;
    if (reply.answer.code != Code::kNone) return Judge(reply.answer.code, "send_offsets");
    return {};
  }
  return TimedOut("send_offsets");
}

// A transaction without a partition ends within the client. While the coordinator still writes
// markers, it answers CONCURRENT_TRANSACTIONS, which is asked again.
Result<void> ModelProducer::End(bool is_commit, Deadline deadline) {
  if (is_fatal_) return Error{Remedy::kStop, code::kFatal, "end"};
  if (is_commit && must_abort_) return Error{Remedy::kAbort, code::kAbort, "commit"};
  if (added_.empty() && !watch_.has_unanswered()) return {};
  while (!deadline.HasPassed() && !IsDead()) {
    const auto reply = Kafka().EndTransaction(id_, producer_, is_commit, Limit(deadline));
    // Refused by the world: the call fails before the client has sent its EndTxn.
    if (is_commit && reply.answer.code == Code::kTransactionAbortable) {
      return Judge(reply.answer.code, "commit");
    }
    if (Repeats(kEndTxn, reply)) continue;
    if (reply.answer.code == Code::kNone) return {};
    Error error = Judge(reply.answer.code, "end");
    is_fatal_ = true;
    error.remedy = Remedy::kStop;
    return error;
  }
  return TimedOut("end");
}

std::vector<std::size_t> ModelProducer::Undelivered() const {
  std::vector<std::size_t> positions;
  for (const auto& [place, queued] : queued_) {
    if (queued.is_delivered) continue;
    positions.insert(positions.end(), queued.positions.begin(), queued.positions.end());
  }
  return positions;
}

}  // namespace simulation
