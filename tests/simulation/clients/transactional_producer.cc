// consumer/kafka/transactional_producer.h on the model cluster, in the place of the one on
// librdkafka: headers, offset metadata and numbers are written as there.
#include "consumer/kafka/transactional_producer.h"

#include <map>
#include <utility>

#include "common/kafka/classify_error.h"
#include "tests/simulation/clients/membership.h"
#include "tests/simulation/clients/model_producer.h"
#include "tests/simulation/clients/topics.h"

namespace consumer {
namespace {

using common::Deadline;
using common::Error;
using common::Remedy;
using common::Result;
namespace kafka = common::kafka;

/// The header has no room for a model.
std::map<const TransactionalProducer*, simulation::ModelProducer>& Models() {
  static std::map<const TransactionalProducer*, simulation::ModelProducer> models;
  return models;
}

}  // namespace

Result<std::unique_ptr<TransactionalProducer>> TransactionalProducer::Create(
    const ClientSettings& settings, const common::Logger& log,
    std::shared_ptr<TransactionNumbers> numbers) {
  std::unique_ptr<TransactionalProducer> producer(
      new TransactionalProducer(settings, log, std::move(numbers)));
  Models().try_emplace(producer.get(), settings.transactional_id(), producer->watch_);
  return producer;
}

std::chrono::milliseconds TransactionalProducer::TransactionTimeout(
    const ClientSettings& /*settings*/) {
  return std::chrono::seconds(10);
}

TransactionalProducer::TransactionalProducer(const ClientSettings& settings,
                                             const common::Logger& log,
                                             std::shared_ptr<TransactionNumbers> numbers)
    : transactional_id_(settings.transactional_id()),
      numbers_(std::move(numbers)),
      group_(settings.group),
      callbacks_topic_(settings.topics.callbacks),
      topic_names_{settings.topics.processes, settings.topics.seen, settings.topics.dead},
      client_log_(log, "producer " + settings.transactional_id()) {}

TransactionalProducer::~TransactionalProducer() { Models().erase(this); }

Result<void> TransactionalProducer::Initialise(Deadline deadline) {
  return Models().at(this).Initialise(deadline);
}

Result<void> TransactionalProducer::EndForgottenOffsets(Deadline deadline) {
  if (Result<void> begun = Begin(); !begun) return begun;
  const simulation::Member nobody{.generation = 0, .id = "nobody", .instance = ""};
  Result<void> sent = Models().at(this).SendOffsets({{0, {}}}, nobody, deadline);
  if (!sent && sent.error().remedy != Remedy::kAbort) return sent;
  if (Result<void> aborted = Abort(deadline); !aborted || !watch_.has_unanswered()) return aborted;
  return Error{Remedy::kStop, kafka::code::kUnexpected, "an end got no answer"};
}

Result<void> TransactionalProducer::Begin() {
  refusals_.clear();
  transaction_ = std::to_string(numbers_->Next(common::WallNow()));
  return Models().at(this).Begin();
}

Result<void> TransactionalProducer::Produce(const OutgoingRecord& record, std::size_t position) {
  simulation::Entry entry;
  entry.time = record.timestamp.value_or(common::WallNow());
  entry.key = record.key;
  entry.value = record.value;
  entry.headers = record.headers;
  entry.headers.push_back({std::string(common::header::kInstance), transactional_id_});
  entry.headers.push_back({std::string(common::header::kTransaction), transaction_});
  const simulation::Place place{simulation::TopicOf(record.topic),
                                record.partition.value_or(Partition()).number()};
  Models().at(this).Queue(place, std::move(entry), position);
  return {};
}

Result<void> TransactionalProducer::SendOffsets(const std::vector<PartitionOffset>& offsets,
                                                const GroupMembership& membership,
                                                Deadline deadline) {
  if (!membership.IsFenceable()) {
    return Error{Remedy::kAbort, kafka::code::kAbort, "no membership that the broker could fence"};
  }
  simulation::OffsetMap committed;
  for (const PartitionOffset& offset : offsets) {
    common::OffsetMetadata basis = offset.metadata;
    basis.instance = transactional_id_;
    basis.transaction = transaction_;
    committed[offset.partition.number()] = {offset.offset.number(), common::ToText(basis)};
  }
  return Models().at(this).SendOffsets(committed, simulation::MemberOf(membership), deadline);
}

Result<void> TransactionalProducer::Flush(Deadline deadline) {
  Result<void> flushed = Models().at(this).Flush(deadline);
  refusals_ = Models().at(this).refusals();
  return flushed;
}
Result<void> TransactionalProducer::Commit(Deadline deadline) {
  return Models().at(this).End(true, deadline);
}
Result<void> TransactionalProducer::Abort(Deadline deadline) {
  return Models().at(this).End(false, deadline);
}
std::vector<std::size_t> TransactionalProducer::Undelivered() const {
  return Models().at(this).Undelivered();
}

}  // namespace consumer
