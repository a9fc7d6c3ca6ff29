#include "common/kafka/partition_reader.h"

#include <algorithm>
#include <utility>

#include "common/kafka/handles.h"
#include "common/kafka/read_ahead.h"

namespace common::kafka {
namespace {

constexpr int kPollMs = 100;
constexpr int kAskEvery = 256;  // records
constexpr std::size_t kMostAtOnce = 25;
constexpr std::chrono::seconds kLookUpLimit{3};
/// RD_KAFKA_RESP_ERR__LOG_TRUNCATION, which librdkafka has from 2.1 on.
constexpr auto kLogTruncation = static_cast<rd_kafka_resp_err_t>(-139);

/// The log does not have the position. The client reads the partition no more until it is assigned
/// anew.
bool IsPositionRefused(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
         code == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE || code == kLogTruncation;
}

/// The client's assignment during one call.
class Assignment {
 public:
  Assignment(rd_kafka_t* client, PartitionList list) : client_(client) { Set(std::move(list)); }
  ~Assignment() { rd_kafka_assign(client_, nullptr); }
  Assignment(const Assignment&) = delete;
  Assignment& operator=(const Assignment&) = delete;

  /// Drops what was read ahead.
  void Set(PartitionList list) {
    rd_kafka_assign(client_, list.get());
    read_ahead_.Assigned(std::move(list));
  }

  /// The next record, end or error; none came within the poll.
  [[nodiscard]] Message Poll() {
    Message message(rd_kafka_consumer_poll(client_, kPollMs));
    if (message) read_ahead_.Took(message->len + message->key_len);
    return message;
  }
  void ReadAheadNow() { read_ahead_.GoOn(client_, false); }

 private:
  rd_kafka_t* client_;
  ReadAhead read_ahead_;
};

/// How far each partition has come.
class Pass {
 public:
  explicit Pass(const Extents& extents) : extents_(extents), remaining_(SizeOf(extents)) {
    for (const auto& [partition, extent] : extents) {
      if (extent.from < extent.to) positions_[partition] = extent.from;
    }
    total_ = remaining_;
  }

  /// The next offsets of the partitions that have not reached their ends.
  [[nodiscard]] const PartitionOffsets& positions() const { return positions_; }
  [[nodiscard]] bool IsOpen(Partition partition) const { return positions_.contains(partition); }
  [[nodiscard]] std::int64_t done() const { return total_ - remaining_; }

  [[nodiscard]] bool Wants(Partition partition, Offset offset) const {
    const auto found = positions_.find(partition);
    return found != positions_.end() && offset >= found->second &&
           offset < extents_.at(partition).to;
  }

  /// Returns true if the partition has advanced.
  bool Advance(Partition partition, Offset position) {
    const auto found = positions_.find(partition);
    if (found == positions_.end() || position <= found->second) return false;
    const Offset to = extents_.at(partition).to;
    remaining_ -= std::min(position, to) - found->second;
    found->second = position;
    if (position >= to) positions_.erase(found);
    return true;
  }

 private:
  const Extents& extents_;
  PartitionOffsets positions_;
  std::int64_t remaining_;
  std::int64_t total_ = 0;
};

/// One call of ReadPartitions().
class Read {
 public:
  explicit Read(const PartitionReading& reading) : reading_(reading), pass_(reading.extents) {}

  PartitionReadEnd Run(rd_kafka_t* client) {
    for (const auto& [partition, extent] : reading_.extents) {
      if (!pass_.IsOpen(partition)) TellReached(partition);
    }
    if (pass_.positions().empty()) return {};
    Assignment assignment(client, ListOf(reading_.topic, pass_.positions()));
    bool must_ask = true;
    int visited = 0;
    while (!pass_.positions().empty()) {
      if (must_ask) {
        if (const auto reason = Ask()) return End(*reason);
        assignment.ReadAheadNow();
      }
      const Message message = assignment.Poll();
      must_ask =
          !message || message->err != RD_KAFKA_RESP_ERR_NO_ERROR || ++visited % kAskEvery == 0;
      if (!message) {
        // Once no other record waits in the client, because a new assignment drops them.
        if (const auto reason = JudgeRefused(client, assignment)) return End(*reason);
        continue;
      }
      if (const auto reason = Handle(*message)) return End(*reason);
    }
    return {};
  }

 private:
  using Reason = PartitionReadEnd::Reason;

  /// The clock is read here only, not once per record.
  std::optional<Reason> Ask() {
    const auto asked_at = Deadline::Clock::now();
    if (!reading_.goes_on()) return Reason::kStopped;
    patience_ = Deadline(patience_.at() + (Deadline::Clock::now() - asked_at));
    if (std::exchange(has_advanced_, false)) patience_ = Deadline::After(reading_.patience);
    if (patience_.HasPassed()) return Reason::kStalled;
    return std::nullopt;
  }

  std::optional<Reason> Handle(const rd_kafka_message_t& message) {
    const Partition partition(message.partition);
    const Offset offset(message.offset);
    switch (message.err) {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
        if (pass_.Wants(partition, offset) && !reading_.visit(message)) {
          return Reason::kStopped;
        }
        Advance(partition, offset + 1);
        break;
      case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        // The offset of this event counts control records; a position does not.
        Advance(partition, offset);
        if (reading_.waits && pass_.IsOpen(partition)) reading_.waits(partition, offset);
        break;
      case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        errors_[partition] = message.err;
        return Reason::kDenied;
      default:
        if (!pass_.IsOpen(partition)) break;
        errors_[partition] = message.err;
        if (IsPositionRefused(message.err)) refused_.insert(partition);
    }
    return std::nullopt;
  }

  /// Retention moves the begin of a log, and a position below it can go on there. Else the log has
  /// lost its end. A partition that could not be looked up is judged again later.
  std::optional<Reason> JudgeRefused(rd_kafka_t* client, Assignment& assignment) {
    if (refused_.empty()) return std::nullopt;
    OffsetQueries begins;
    for (const Partition partition : refused_) begins[partition] = RD_KAFKA_OFFSET_BEGINNING;
    const OffsetAnswers answers =
        LookUpOffsets(client, reading_.topic, begins, Deadline::After(kLookUpLimit));
    bool has_lost_its_end = false;
    for (const auto& [partition, begin] : answers.found) {
      const Offset position = pass_.positions().at(partition);
      if (begin <= position) {
        errors_[partition] = RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE;
        has_lost_its_end = true;
        continue;
      }
      refused_.erase(partition);
      errors_.erase(partition);
      const Offset to = std::min(begin, reading_.extents.at(partition).to);
      if (reading_.expired) reading_.expired(partition, {position, to});
      Advance(partition, begin);
    }
    if (has_lost_its_end) return Reason::kWentBack;
    if (!answers.found.empty()) assignment.Set(ListOf(reading_.topic, pass_.positions()));
    return std::nullopt;
  }

  void Advance(Partition partition, Offset position) {
    if (!pass_.Advance(partition, position)) return;
    has_advanced_ = true;
    if (reading_.progress) reading_.progress(pass_.done());
    if (!pass_.IsOpen(partition)) TellReached(partition);
  }

  void TellReached(Partition partition) const {
    if (reading_.reached) reading_.reached(partition);
  }

  PartitionReadEnd End(Reason reason) {
    return {.reason = reason, .positions = pass_.positions(), .errors = std::move(errors_)};
  }

  const PartitionReading& reading_;
  Pass pass_;
  std::map<Partition, rd_kafka_resp_err_t> errors_;
  std::set<Partition> refused_;  ///< Positions in these, by their logs.
  Deadline patience_ = Deadline::After(reading_.patience);
  bool has_advanced_ = false;  ///< Since the last Ask().
};

/// Visits one record of each partition. Adds the partitions without one there to `without`.
void ReadSomeEach(rd_kafka_t* client, const std::string& topic, OffsetQueries left,
                  const std::function<void(const rd_kafka_message_t&)>& visit,
                  std::set<Partition>& without, Deadline deadline) {
  Assignment assignment(client, ListOf(topic, left));
  bool is_refused = false;
  while (!left.empty() && !deadline.HasPassed()) {
    const Message message = assignment.Poll();
    if (!message) {
      if (std::exchange(is_refused, false)) assignment.Set(ListOf(topic, left));
      continue;
    }
    if (message->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) break;
    const Partition partition(message->partition);
    const auto query = left.find(partition);
    if (query == left.end()) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      left.erase(query);
      visit(*message);
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      left.erase(query);
      without.insert(partition);
    } else if (IsPositionRefused(message->err)) {
      query->second = RD_KAFKA_OFFSET_BEGINNING;
      is_refused = true;
    }
  }
}

/// The same, a few at a time. An answer has the records of all partitions only if none of them is in
/// a batch larger than the client's fetch.message.max.bytes: of such batches, an answer has one. A
/// request about n partitions costs the broker n reads, so all at once would cost n² of them.
std::set<Partition> ReadOneEach(rd_kafka_t* client, const std::string& topic, OffsetQueries all,
                                const std::function<void(const rd_kafka_message_t&)>& visit,
                                Deadline deadline) {
  std::set<Partition> without;
  while (!all.empty() && !deadline.HasPassed()) {
    OffsetQueries some;
    while (!all.empty() && some.size() < kMostAtOnce) some.insert(all.extract(all.begin()));
    ReadSomeEach(client, topic, std::move(some), visit, without, deadline);
  }
  return without;
}

}  // namespace

Properties ReaderPromises(const std::string& group, IsolationLevel isolation) {
  const bool is_committed = isolation == IsolationLevel::kReadCommitted;
  Properties promises = {{"group.id", group},
                         {"isolation.level", is_committed ? "read_committed" : "read_uncommitted"},
                         {"enable.auto.commit", "false"},
                         {"enable.auto.offset.store", "false"},
                         {"enable.partition.eof", "true"},
                         // What the client leaves out by itself, or delivers of another log, looks
                         // like any record.
                         {"auto.offset.reset", "error"}};
  promises.merge(ClassicGroup());
  return promises;
}

Properties ReaderDefaults() {
  Properties defaults = ReadAhead::Defaults();
  // A consumer learns of the end of a partition only after this wait.
  defaults["fetch.wait.max.ms"] = "20";
  // Per partition.
  defaults["queued.max.messages.kbytes"] = "16384";
  return defaults;
}

std::int64_t SizeOf(const Extents& extents) {
  std::int64_t size = 0;
  for (const auto& [partition, extent] : extents) {
    size += std::max<std::int64_t>(0, extent.to - extent.from);
  }
  return size;
}

PartitionReadEnd ReadPartitions(rd_kafka_t* client, const PartitionReading& reading) {
  return Read(reading).Run(client);
}

PartitionReadEnd ReadPartition(rd_kafka_t* client, const std::string& topic, Partition partition,
                               const Extent& extent,
                               const std::function<void(const rd_kafka_message_t&)>& visit,
                               Deadline deadline) {
  const auto visit_all = [&](const rd_kafka_message_t& message) {
    visit(message);
    return true;
  };
  return ReadPartitions(client, {.topic = topic,
                                 .extents = {{partition, extent}},
                                 .visit = visit_all,
                                 .goes_on = [&] { return !deadline.HasPassed(); },
                                 .patience = deadline.Remaining()});
}

std::set<Partition> ReadFirstRecords(rd_kafka_t* client, const std::string& topic,
                                     const PartitionOffsets& offsets,
                                     const std::function<void(const rd_kafka_message_t&)>& visit,
                                     Deadline deadline) {
  OffsetQueries firsts;
  for (const auto& [partition, offset] : offsets) firsts[partition] = offset.number();
  return ReadOneEach(client, topic, std::move(firsts), visit, deadline);
}

std::set<Partition> ReadLastRecords(rd_kafka_t* client, const std::string& topic,
                                    const std::set<Partition>& partitions,
                                    const std::function<void(const rd_kafka_message_t&)>& visit,
                                    Deadline deadline) {
  OffsetQueries tails;
  for (const Partition partition : partitions) tails[partition] = RD_KAFKA_OFFSET_TAIL(1);
  return ReadOneEach(client, topic, std::move(tails), visit, deadline);
}

}  // namespace common::kafka
