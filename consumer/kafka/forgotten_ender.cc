#include "consumer/kafka/forgotten_ender.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "common/kafka/record_codec.h"
#include "common/kafka/unended_transaction.h"

namespace consumer {
namespace {

using common::Deadline;
namespace kafka = common::kafka;

constexpr std::chrono::seconds kOneLook{5};
/// A partition with an open transaction accepts no other, so twins are the last records there.
constexpr std::int64_t kDepth = 4'000;

Deadline Soon() { return Deadline::After(kOneLook); }

kafka::UnendedTransaction::Record ToRecord(const rd_kafka_message_t& message) {
  return {.offset = kafka::OffsetOf(message),
          .time = kafka::TimestampOf(message).value_or(common::WallTime{}),
          .key = std::string(kafka::KeyOf(message)),
          .value = std::string(kafka::ValueOf(message)),
          .headers = kafka::HeadersOf(message)};
}

}  // namespace

std::optional<EndedTransaction> ForgottenEnder::TryEnd(LogReader& reader, const StuckRestore& stuck,
                                                       const std::function<void()>& beat) const {
  const common::TopicNames& topics = settings_.topics;
  const bool is_results = stuck.awaiting == Awaiting::kResults;
  if (!is_results && stuck.awaiting != Awaiting::kMarkers) return std::nullopt;
  const std::string& topic = is_results ? topics.processes : topics.seen;
  const Partition partition = stuck.partition;
  const Offsets open = reader.LookForOpen(topic, {partition}, Soon()).open;
  const Offsets ends = reader.Ends(topic, {partition}, Soon());
  if (!open.contains(partition) || !ends.contains(partition)) return std::nullopt;

  // One end would end all of ours on the partition.
  std::set<common::TransactionName> names;
  kafka::UnendedTransaction unended{
      .owner = settings_.transactional_id(), .topic = topic, .partition = partition, .records = {}};
  bool is_ours = true;
  const auto take = [&](const rd_kafka_message_t& message) {
    kafka::UnendedTransaction::Record record = ToRecord(message);
    if (common::LastHeader(record.headers, common::header::kRepaired)) return;
    const auto name = common::ReadTransactionName(record.headers);
    const bool is_first = record.offset == open.at(partition);
    is_ours = is_ours && name && (!is_first || name->instance == unended.owner);
    if (!name || name->instance != unended.owner) return;
    names.insert(*name);
    unended.records.push_back(std::move(record));
  };
  const bool is_read = reader.Peek(kafka::IsolationLevel::kReadUncommitted, topic, partition,
                                   {open.at(partition), ends.at(partition)}, take, Soon());
  if (!is_read || !is_ours || names.size() != 1) return std::nullopt;
  beat();

  const common::TransactionName name = *names.begin();
  auto twins = FindTwins(reader, is_results ? topics.seen : topics.processes, partition, name);
  const bool has_none = twins && twins->visible + twins->vanished == 0;
  if (has_none) twins = FindLetters(reader, name, beat);
  if (!twins) return std::nullopt;
  beat();
  common::OffsetWitnessed offset;
  const CommittedOffsets committed =
      reader.Committed({partition}, LogReader::Stability::kStable, Soon());
  if (const auto found = committed.find(partition); found != committed.end()) {
    offset = {.is_stable = true, .metadata = found->second.metadata};
  }
  const common::TransactionOutcome verdict = common::JudgeTransaction(name, {offset}, *twins);
  if (verdict != common::TransactionOutcome::kCommitted &&
      verdict != common::TransactionOutcome::kAborted)
    return std::nullopt;

  beat();
  const auto ended = verdict == common::TransactionOutcome::kCommitted
                         ? kafka::EndAsCommitted(settings_.properties, unended)
                         : kafka::EndAsAborted(settings_.properties, unended);
  beat();
  return EndedTransaction{.topic = topic,
                          .partition = partition,
                          .at = open.at(partition),
                          .name = name,
                          .verdict = verdict,
                          .records = unended.records.size(),
                          .failure = ended ? std::string() : ended.error().detail};
}

std::optional<common::Twins> ForgottenEnder::FindTwins(LogReader& reader, const std::string& topic,
                                                       Partition partition,
                                                       const common::TransactionName& name) const {
  const Offsets stable = reader.StableEnds(topic, {partition}, Soon());
  const auto to = stable.find(partition);
  if (to == stable.end()) return std::nullopt;
  const Offset from = std::max(Offset(), to->second - kDepth);
  common::TwinTally tally({name});
  const auto note = [&](const rd_kafka_message_t& message) {
    tally.AddWritten(kafka::OffsetOf(message), kafka::HeadersOf(message));
  };
  const auto see = [&](const rd_kafka_message_t& message) {
    tally.AddVisible(kafka::OffsetOf(message));
  };
  using Isolation = kafka::IsolationLevel;
  const kafka::Extent extent{from, to->second};
  const bool is_read =
      reader.Peek(Isolation::kReadUncommitted, topic, partition, extent, note, Soon()) &&
      reader.Peek(Isolation::kReadCommitted, topic, partition, extent, see, Soon());
  if (!is_read) return std::nullopt;
  return tally.Of(name);
}

std::optional<common::Twins> ForgottenEnder::FindLetters(LogReader& reader,
                                                         const common::TransactionName& name,
                                                         const std::function<void()>& beat) const {
  const std::string& dead = settings_.topics.dead;
  const std::optional<int> count = reader.PartitionsOf(dead, Soon());
  if (!count) return std::nullopt;
  const std::vector<Partition> partitions = common::AllPartitions(*count);
  const OpenPartitions found = reader.LookForOpen(dead, partitions, Soon());
  common::Twins letters;
  for (const Partition partition : partitions) {
    beat();
    const auto there = FindTwins(reader, dead, partition, name);
    if (!there) return std::nullopt;
    letters += *there;
  }
  // A letter may be behind an open transaction, where nothing shows its outcome.
  const bool are_all_clean = found.clean.size() == partitions.size();
  if (letters.visible == 0 && !are_all_clean) return std::nullopt;
  return letters;
}

}  // namespace consumer
