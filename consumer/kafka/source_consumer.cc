#include "consumer/kafka/source_consumer.h"

#include <array>
#include <cstdint>
#include <utility>

#include "common/kafka/classify_error.h"
#include "common/kafka/record_codec.h"
#include "consumer/kafka/fenced_member.h"
#include "consumer/kafka/leaving_client.h"
#include "consumer/kafka/membership_codec.h"

namespace consumer {
namespace {

using common::Error;
using common::Remedy;
using common::Result;
namespace kafka = common::kafka;

constexpr int kSeekTimeoutMs = 1'000;
/// RD_KAFKA_RESP_ERR__LOG_TRUNCATION, which librdkafka has from 2.1 on.
constexpr auto kLogTruncation = static_cast<rd_kafka_resp_err_t>(-139);

kafka::Properties Defaults() {
  kafka::Properties properties = CommonDefaults();
  properties.merge(kafka::Properties{{"session.timeout.ms", "10000"},
                                     {"heartbeat.interval.ms", "1000"},
                                     {"max.poll.interval.ms", "60000"},
                                     // How soon a recreated topic is noticed.
                                     {"topic.metadata.refresh.interval.ms", "10000"},
                                     {"queued.max.messages.kbytes", "16384"}});
  properties.merge(kafka::ReadAhead::Defaults());
  return properties;
}

kafka::Properties Promises(const ClientSettings& settings, const std::string& member) {
  kafka::Properties promises = {{"group.id", settings.group},
                                {"group.instance.id", member},
                                {"partition.assignment.strategy", "range"},
                                {"isolation.level", "read_committed"},
                                {"enable.auto.commit", "false"},
                                {"enable.auto.offset.store", "false"},
                                // The client must not move a position by itself: what it then
                                // leaves out, or delivers of another log, looks like any record.
                                {"auto.offset.reset", "error"},
                                {"enable.partition.eof", "true"}};
  promises.merge(kafka::ClassicGroup());
  return promises;
}

/// From librdkafka 2.1 on also if the leader's epochs tell that the log's end was cut off below the
/// position, whether it has grown past it again or not (KIP-320).
bool IsPositionRefused(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
         code == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE || code == kLogTruncation;
}

/// `record` is reused for each message, to keep the capacity of its headers.
void Fill(ArrivedRecord& record, const rd_kafka_message_t& message) {
  const auto time = kafka::TimestampOf(message);
  record.partition = kafka::PartitionOf(message);
  record.offset = kafka::OffsetOf(message);
  record.time = time ? *time : common::WallNow();
  record.key = kafka::KeyOf(message);
  record.value = kafka::ValueOf(message);
  kafka::ViewHeaders(message, record.headers);
}

}  // namespace

Result<std::unique_ptr<SourceConsumer>> SourceConsumer::Create(const ClientSettings& settings,
                                                               const common::Logger& log) {
  std::unique_ptr<SourceConsumer> source(new SourceConsumer(settings, log));
  if (const Result<void> joined = source->Join(); !joined) return joined.error();
  return source;
}

SourceConsumer::SourceConsumer(ClientSettings settings, const common::Logger& log)
    : settings_(std::move(settings)),
      log_(log),
      client_log_(log, "consumer " + settings_.instance) {}

SourceConsumer::~SourceConsumer() { Leave(); }

Result<void> SourceConsumer::Join() {
  const kafka::Properties defaults = Defaults();
  const kafka::Properties promises = Promises(
      settings_, fresh_names_ == 0 ? settings_.instance
                                   : settings_.instance + "." + std::to_string(fresh_names_));
  Result<kafka::Conf> conf =
      kafka::BuildConfOf(RD_KAFKA_CONSUMER, {&defaults, &settings_.properties, &promises});
  if (!conf) return conf.error();
  client_log_.Attach(conf->get(), this);
  join_watch_.Attach(conf->get());
  rd_kafka_conf_set_rebalance_cb(conf->get(), &SourceConsumer::OnRebalance);
  Result<kafka::Handle> client = kafka::NewConsumer(*std::move(conf));
  if (!client) return client.error();
  client_ = *std::move(client);
  rd_kafka_poll_set_consumer(client_.get());
  queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
  static constexpr std::uint64_t kOne = 1;
  rd_kafka_queue_io_event_enable(queue_.get(), wake_.fd(), &kOne, sizeof kOne);
  const kafka::PartitionList topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), settings_.topics.callbacks.c_str(),
                                    RD_KAFKA_PARTITION_UA);
  if (const auto failed = rd_kafka_subscribe(client_.get(), topics.get())) {
    return kafka::Classify(failed, "subscribe");
  }
  return {};
}

// A static member that does not say goodbye keeps its place until its session ends.
void SourceConsumer::Leave() {
  if (!client_) return;
  read_ahead_.Revoked();
  rd_kafka_queue_io_event_enable(queue_.get(), -1, nullptr, 0);
  queue_.reset();
  retirement_.Retire(std::make_unique<LeavingClient>(std::move(client_)));
}

void SourceConsumer::Renew(SourceListener& listener, MemberName name) {
  if (name == MemberName::kFresh) ++fresh_names_;
  if (std::exchange(is_assigned_, false)) {
    listener.Revoked(rd_kafka_assignment_lost(client_.get()) != 0);
  }
  Leave();
  failure_.reset();
  doubt_ = FencingDoubt::kNone;
  assigned_id_.clear();
  if (const Result<void> joined = Join(); !joined) failure_ = joined.error();
}

bool SourceConsumer::Poll(SourceListener& listener, int max_records) {
  wake_.Drain();
  listener_ = &listener;
  bool is_wanted = true;
  bool has_more = true;
  for (int i = 0; i < max_records && is_wanted && has_more; ++i) {
    const kafka::Message message(rd_kafka_consumer_poll(client_.get(), 0));
    if (!message) {
      has_more = false;
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      listener.AtEnd(kafka::PartitionOf(*message), kafka::OffsetOf(*message));
    } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      HandleError(*message);
    } else {
      read_ahead_.Took(message->len + message->key_len);
      Fill(arrived_, *message);
      is_wanted = listener.Take(arrived_);
    }
  }
  listener_ = nullptr;
  read_ahead_.GoOn(client_.get(), !has_more);
  LookForFailure();
  return is_wanted && has_more;
}

std::set<Partition> SourceConsumer::Seek(const std::map<Partition, Offset>& offsets) {
  std::vector<Partition> partitions;
  partitions.reserve(offsets.size());
  for (const auto& [partition, offset] : offsets) partitions.push_back(partition);
  const kafka::PartitionList list = ListOf(partitions);
  for (int i = 0; i < list->cnt; ++i) {
    list->elems[i].offset = offsets.at(Partition(list->elems[i].partition)).number();
  }
  const kafka::ErrorHandle error(
      rd_kafka_seek_partitions(client_.get(), list.get(), kSeekTimeoutMs));
  std::set<Partition> sought;
  for (int i = 0; i < list->cnt && !error; ++i) {
    const rd_kafka_topic_partition_t& one = list->elems[i];
    if (one.err == RD_KAFKA_RESP_ERR_NO_ERROR) sought.insert(Partition(one.partition));
  }
  return sought;
}

void SourceConsumer::Pause(const std::vector<Partition>& partitions) {
  rd_kafka_pause_partitions(client_.get(), ListOf(partitions).get());
}

void SourceConsumer::Resume(const std::vector<Partition>& partitions) {
  rd_kafka_resume_partitions(client_.get(), ListOf(partitions).get());
}

std::optional<GroupMembership> SourceConsumer::Membership() const {
  if (!client_ || rd_kafka_assignment_lost(client_.get()) != 0) return std::nullopt;
  const kafka::GroupMetadata metadata(rd_kafka_consumer_group_metadata(client_.get()));
  if (!metadata) return std::nullopt;
  return ReadMembership(*metadata);
}

void SourceConsumer::Close(SourceListener& listener) {
  if (!client_) return;
  listener_ = &listener;
  const rd_kafka_resp_err_t failed = rd_kafka_consumer_close(client_.get());
  listener_ = nullptr;
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) {
    log_.Warn("consumer.close_failed", {{"detail", rd_kafka_err2str(failed)}});
  }
}

void SourceConsumer::OnRebalance(rd_kafka_t* /*client*/, rd_kafka_resp_err_t code,
                                 rd_kafka_topic_partition_list_t* partitions,
                                 void* opaque) noexcept {
  static_cast<SourceConsumer*>(kafka::ClientLog::From(opaque).owner())
      ->Rebalance(code, *partitions);
}

void SourceConsumer::Rebalance(rd_kafka_resp_err_t code,
                               const rd_kafka_topic_partition_list_t& partitions) {
  if (code != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    is_assigned_ = false;
    read_ahead_.Revoked();
    listener_->Revoked(rd_kafka_assignment_lost(client_.get()) != 0);
    rd_kafka_assign(client_.get(), nullptr);
    return;
  }
  std::vector<Partition> numbers;
  numbers.reserve(static_cast<std::size_t>(partitions.cnt));
  for (int i = 0; i < partitions.cnt; ++i) numbers.emplace_back(partitions.elems[i].partition);
  const kafka::PartitionList list = ListOf(numbers);
  for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(client_.get(), list.get());
  rd_kafka_pause_partitions(client_.get(), list.get());
  is_assigned_ = true;
  assigned_id_ = MemberId();
  read_ahead_.Assigned(ListOf(numbers));
  listener_->Assigned(numbers);
}

void SourceConsumer::HandleError(const rd_kafka_message_t& message) {
  client_log_.Note(message.err);
  log_.Warn("consumer.read_failed", {{"partition", message.partition},
                                     {"code", rd_kafka_err2name(message.err)},
                                     {"detail", rd_kafka_message_errstr(&message)}});
  if (IsPositionRefused(message.err)) listener_->PositionRefused(kafka::PartitionOf(message));
}

void SourceConsumer::LookForFailure() {
  if (failure_ || !client_) return;
  std::array<char, 512> reason{};
  const rd_kafka_resp_err_t fatal =
      rd_kafka_fatal_error(client_.get(), reason.data(), reason.size());
  if (fatal == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const bool is_fenced = fatal == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
  failure_ =
      Error{Remedy::kStop, is_fenced ? kafka::code::kFenced : kafka::code::kFatal, reason.data()};
  if (is_fenced) {
    doubt_ = Judge({.id = MemberId(),
                    .assigned_id = assigned_id_,
                    .may_come_late = join_watch_.TakeLateJoin(JoinWatch::Clock::now())});
  }
}

std::string SourceConsumer::MemberId() const {
  char* const text = rd_kafka_memberid(client_.get());
  std::string id = text == nullptr ? "" : text;
  rd_kafka_mem_free(client_.get(), text);
  return id;
}

kafka::PartitionList SourceConsumer::ListOf(const std::vector<Partition>& partitions) const {
  kafka::PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const Partition partition : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), settings_.topics.callbacks.c_str(),
                                      partition.number());
  }
  return list;
}

}  // namespace consumer
