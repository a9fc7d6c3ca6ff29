// common/kafka/unended_transaction.h on the model cluster: the same steps.
#include "common/kafka/unended_transaction.h"

#include <utility>

#include "common/domain/dead_letter.h"
#include "tests/simulation/clients/model_producer.h"
#include "tests/simulation/clients/topics.h"

namespace common::kafka {
namespace {

using simulation::Cluster;
using simulation::ModelProducer;
using simulation::Place;

Error Failed(std::string_view what) { return {Remedy::kStop, "unexpected", std::string(what)}; }

simulation::Entry EntryOf(const UnendedTransaction::Record& record) {
  simulation::Entry entry;
  entry.time = record.time;
  entry.key = record.key;
  entry.value = record.value;
  entry.headers = record.headers;
  return entry;
}

Result<void> AbortThere(ModelProducer& owner, Place place, Deadline deadline) {
  owner.Queue(place,
              EntryOf({.offset = {}, .time = WallNow(), .key = "end", .value = {}, .headers = {}}),
              0);
  if (auto flushed = owner.Flush(deadline); !flushed) return Failed("flush");
  if (auto aborted = owner.End(false, deadline); !aborted) return Failed("abort");
  return {};
}

bool IsForgotten(const UnendedTransaction& transaction, Place place) {
  const Deadline settled = Deadline::After(std::chrono::seconds(5));
  while (!settled.HasPassed()) {
    const auto stable = Cluster::Current().LookUp(place.topic, {place.partition},
                                                  Cluster::Query::kStableEnd, settled.at());
    const auto found = stable.find(place.partition);
    if (found != stable.end() && Offset(found->second) > transaction.records.front().offset)
      return false;
    Cluster::Current().runtime().Sleep(std::chrono::milliseconds(100));
  }
  return true;
}

/// Stands for the offset in a group of its own, which tells that the copies were committed.
bool HasCopy(const UnendedTransaction& from, Place place) {
  const simulation::PartitionLog& log = Cluster::Current().log(place);
  const std::string name = RedriveName(from.topic, {from.partition, from.records.back().offset});
  for (simulation::Offset at = log.begin(); at < log.end(); ++at) {
    const simulation::Entry& entry = log.At(at);
    if (entry.fate == simulation::Fate::kAborted) continue;
    if (LastHeader(entry.headers, header::kRepaired) == name) return true;
  }
  return false;
}

Result<void> Copy(const UnendedTransaction& from, Place place, Deadline deadline) {
  const std::string name = RepairName(from.owner);
  consumer::RequestWatch watch;
  ModelProducer repair(name, watch);
  if (!repair.Initialise(deadline) || !repair.Begin()) return Failed("repair");
  if (HasCopy(from, place)) return {};
  std::size_t position = 0;
  for (UnendedTransaction::Record record : from.records) {
    record.headers.push_back(
        {std::string(header::kRepaired), RedriveName(from.topic, {from.partition, record.offset})});
    repair.Queue(place, EntryOf(record), position++);
  }
  if (!repair.Flush(deadline)) return Failed("copies");
  if (!repair.End(true, deadline)) return Failed("commit of copies");
  return {};
}

}  // namespace

std::string RepairName(const std::string& owner) { return owner + ".repair"; }

Result<void> EndAsAborted(const Properties& /*operators*/, const UnendedTransaction& transaction) {
  const Deadline deadline = Deadline::After(std::chrono::seconds(40));
  const Place place{simulation::TopicOf(transaction.topic), transaction.partition.number()};
  consumer::RequestWatch watch;
  ModelProducer owner(transaction.owner, watch);
  if (!owner.Initialise(deadline) || !owner.Begin()) return Failed("owner");
  return AbortThere(owner, place, deadline);
}

Result<void> EndAsCommitted(const Properties& /*operators*/,
                            const UnendedTransaction& transaction) {
  const Deadline deadline = Deadline::After(std::chrono::seconds(40));
  const Place place{simulation::TopicOf(transaction.topic), transaction.partition.number()};
  consumer::RequestWatch watch;
  ModelProducer owner(transaction.owner, watch);
  if (!owner.Initialise(deadline) || !owner.Begin()) return Failed("owner");
  if (!IsForgotten(transaction, place)) return {};
  if (auto copied = Copy(transaction, place, deadline); !copied) return copied;
  return AbortThere(owner, place, deadline);
}

}  // namespace common::kafka
