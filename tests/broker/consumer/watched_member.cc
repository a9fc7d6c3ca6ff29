#include "tests/broker/consumer/watched_member.h"

#include <array>
#include <stdexcept>

namespace consumer {
namespace {

namespace kafka = common::kafka;

constexpr std::int16_t kJoinGroup = 11;  // Kafka protocol: API key.

kafka::Conf MakeConf(const WatchedMemberSettings& settings) {
  kafka::Conf conf(rd_kafka_conf_new());
  std::array<char, 512> reason{};
  const auto set = [&](const char* name, const std::string& value) {
    if (rd_kafka_conf_set(conf.get(), name, value.c_str(), reason.data(), reason.size()) !=
        RD_KAFKA_CONF_OK) {
      throw std::runtime_error(reason.data());
    }
  };
  set("bootstrap.servers", settings.bootstrap);
  set("group.id", settings.group);
  set("session.timeout.ms", settings.session_ms);
  set("heartbeat.interval.ms", settings.heartbeat_ms);
  set("partition.assignment.strategy", "range");
  set("enable.auto.commit", "false");
  set("log_level", "0");
  if (settings.static_name) set("group.instance.id", *settings.static_name);
  return conf;
}

}  // namespace

WatchedMember::WatchedMember(const WatchedMemberSettings& settings) {
  kafka::Conf conf = MakeConf(settings);
  Attach(conf.get());
  std::array<char, 512> reason{};
  client_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), reason.data(), reason.size()));
  if (!client_) throw std::runtime_error(reason.data());
  (void)conf.release();  // rd_kafka_new() owns it now.
  rd_kafka_poll_set_consumer(client_.get());
  const kafka::PartitionList topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), settings.topic.c_str(), RD_KAFKA_PARTITION_UA);
  if (const auto failed = rd_kafka_subscribe(client_.get(), topics.get())) {
    throw std::runtime_error(rd_kafka_err2str(failed));
  }
}

WatchedMember::~WatchedMember() {
  must_stop_.store(false);
  must_stop_.notify_all();
  rd_kafka_destroy_flags(client_.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

void WatchedMember::Poll() const {
  const kafka::Message message(rd_kafka_consumer_poll(client_.get(), 0));
}

std::size_t WatchedMember::CountAssigned() const {
  rd_kafka_topic_partition_list_t* assigned = nullptr;
  if (rd_kafka_assignment(client_.get(), &assigned) != RD_KAFKA_RESP_ERR_NO_ERROR) return 0;
  return static_cast<std::size_t>(kafka::PartitionList(assigned)->cnt);
}

void WatchedMember::OnSent(std::int16_t api_key) noexcept {
  if (api_key == kJoinGroup) joins_sent_.fetch_add(1);
}

// Runs on the thread of the connection, which writes the next request, too.
void WatchedMember::OnEnded(std::int16_t api_key, rd_kafka_resp_err_t /*error*/) noexcept {
  if (api_key == kJoinGroup) must_stop_.wait(true);
}

}  // namespace consumer
