#include "common/kafka/partition_reader.h"

#include <algorithm>
#include <utility>

#include "common/kafka/handles.h"
#include "common/kafka/read_ahead.h"

namespace common::kafka {
namespace {

constexpr int kPollMs = 100;
constexpr int kAskEvery = 256;  // records

/// The client's assignment during one call.
class Assignment {
 public:
  Assignment(rd_kafka_t* client, const std::string& topic, const PartitionOffsets& offsets)
      : client_(client) {
    PartitionList list = ListOf(topic, offsets);
    rd_kafka_assign(client_, list.get());
    read_ahead_.Assigned(std::move(list));
  }
  ~Assignment() { rd_kafka_assign(client_, nullptr); }
  Assignment(const Assignment&) = delete;
  Assignment& operator=(const Assignment&) = delete;

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

  /// Those of the partitions that have not reached their ends.
  [[nodiscard]] const PartitionOffsets& positions() const { return positions_; }
  [[nodiscard]] bool IsOpen(std::int32_t partition) const { return positions_.contains(partition); }
  [[nodiscard]] std::int64_t done() const { return total_ - remaining_; }

  [[nodiscard]] bool Wants(std::int32_t partition, std::int64_t offset) const {
    const auto found = positions_.find(partition);
    return found != positions_.end() && offset >= found->second &&
           offset < extents_.at(partition).to;
  }

  /// Returns true if the partition has advanced.
  bool Advance(std::int32_t partition, std::int64_t position) {
    const auto found = positions_.find(partition);
    if (found == positions_.end() || position <= found->second) return false;
    const std::int64_t to = extents_.at(partition).to;
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
    Assignment assignment(client, reading_.topic, pass_.positions());
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
      if (!message) continue;
      if (const auto reason = Take(*message)) return End(*reason);
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

  std::optional<Reason> Take(const rd_kafka_message_t& message) {
    const std::int32_t partition = message.partition;
    switch (message.err) {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
        if (pass_.Wants(partition, message.offset) && !reading_.visit(message)) {
          return Reason::kStopped;
        }
        Advance(partition, message.offset + 1);
        break;
      case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        // The offset of this event counts control records; a position does not.
        Advance(partition, message.offset);
        if (reading_.waits && pass_.IsOpen(partition)) reading_.waits(partition, message.offset);
        break;
      case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        errors_[partition] = message.err;
        return Reason::kDenied;
      default:
        if (pass_.IsOpen(partition)) errors_[partition] = message.err;
    }
    return std::nullopt;
  }

  void Advance(std::int32_t partition, std::int64_t position) {
    if (!pass_.Advance(partition, position)) return;
    has_advanced_ = true;
    if (reading_.progress) reading_.progress(pass_.done());
    if (!pass_.IsOpen(partition)) TellReached(partition);
  }

  void TellReached(std::int32_t partition) const {
    if (reading_.reached) reading_.reached(partition);
  }

  PartitionReadEnd End(Reason reason) {
    return {.reason = reason, .positions = pass_.positions(), .errors = std::move(errors_)};
  }

  const PartitionReading& reading_;
  Pass pass_;
  std::map<std::int32_t, rd_kafka_resp_err_t> errors_;
  Deadline patience_ = Deadline::After(reading_.patience);
  bool has_advanced_ = false;  ///< Since the last Ask().
};

}  // namespace

Properties ReaderPromises(const std::string& group, IsolationLevel isolation) {
  const bool is_committed = isolation == IsolationLevel::kReadCommitted;
  Properties promises = {{"group.id", group},
                         {"isolation.level", is_committed ? "read_committed" : "read_uncommitted"},
                         {"enable.auto.commit", "false"},
                         {"enable.auto.offset.store", "false"},
                         {"enable.partition.eof", "true"},
                         {"auto.offset.reset", "earliest"}};
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

PartitionReadEnd ReadPartition(rd_kafka_t* client, const std::string& topic, std::int32_t partition,
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

std::set<std::int32_t> ReadFirstRecords(rd_kafka_t* client, const std::string& topic,
                                        const PartitionOffsets& offsets,
                                        const std::function<void(const rd_kafka_message_t&)>& visit,
                                        Deadline deadline) {
  std::set<std::int32_t> without;
  if (offsets.empty()) return without;
  std::set<std::int32_t> visited;
  Assignment assignment(client, topic, offsets);
  while (visited.size() + without.size() < offsets.size() && !deadline.HasPassed()) {
    const Message message = assignment.Poll();
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) break;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (visited.insert(message->partition).second) visit(*message);
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF &&
               !visited.contains(message->partition)) {
      without.insert(message->partition);
    }
  }
  return without;
}

}  // namespace common::kafka
