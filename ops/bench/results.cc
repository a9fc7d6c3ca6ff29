// usage: bench-results BOOTSTRAP PREFIX URL INTERVAL_MS
//
// Does what consumer is built on and nothing else, with librdkafka and libcurl alone: reads
// callbacks, fetches process and dossier of each, and publishes a result and a marker of 32 bytes
// in transactions with the offsets, one each INTERVAL_MS while there is something. No dedup, no
// retries, no second thread; what fails ends it. URL is that of assure-sim, PREFIX that of the
// topics. Logs {"started":1} and runs until SIGTERM.
#include <librdkafka/rdkafka.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/callback/callback_facts.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "common/domain/provider_rules.h"
#include "common/kafka/client_config.h"
#include "common/kafka/handles.h"
#include "common/kafka/record_codec.h"
#include "common/kafka/record_sender.h"
#include "ops/bench/bare_fetches.h"
#include "ops/bench/measuring.h"
#include "ops/bench/record_clients.h"

namespace {

using bench::OrThrow;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
namespace kafka = common::kafka;

constexpr std::size_t kConcurrency = 64;
constexpr int kLimitMs = 30'000;  ///< Of a call of the transactional producer.

volatile std::sig_atomic_t must_stop = 0;

void OrThrow(rd_kafka_error_t* failed) {
  const kafka::ErrorHandle error(failed);
  if (error) throw std::runtime_error(rd_kafka_error_string(error.get()));
}

/// A callback whose documents are fetched.
struct Pending {
  std::string process;
  std::string identity;
  common::Partition partition;
  common::Offset offset;
};

class Results {
 public:
  Results(const std::string& bootstrap, const std::string& prefix, const std::string& url,
          milliseconds interval)
      : prefix_(prefix),
        interval_(interval),
        reader_(bootstrap, prefix + "callbacks", RD_KAFKA_OFFSET_BEGINNING),
        fetches_(url, kConcurrency) {
    const kafka::Properties properties = {{"bootstrap.servers", bootstrap},
                                          {"transactional.id", prefix + "bare"},
                                          {"linger.ms", "5"},
                                          {"partitioner", "murmur2_random"}};
    auto conf = OrThrow(kafka::BuildConf({&properties}));
    rd_kafka_conf_set_dr_msg_cb(conf.get(),
                                [](rd_kafka_t*, const rd_kafka_message_t* message, void*) {
                                  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) std::terminate();
                                });
    producer_ = OrThrow(kafka::NewProducer(std::move(conf)));
    OrThrow(rd_kafka_init_transactions(producer_.get(), kLimitMs));
    const kafka::Queue queue(rd_kafka_queue_get_consumer(reader_.client()));
    static constexpr std::uint64_t kOne = 1;
    rd_kafka_queue_io_event_enable(queue.get(), arrived_, &kOne, sizeof(kOne));
  }
  ~Results() { ::close(arrived_); }
  Results(const Results&) = delete;
  Results& operator=(const Results&) = delete;

  void Step() {
    while (fetches_.HasRoom()) {
      const kafka::Message message = reader_.Next(milliseconds(0));
      if (!message) break;
      Fetch(*message);
    }
    for (const auto& fetched : fetches_.Await(Patience(), fetches_.HasRoom() ? arrived_ : -1)) {
      Publish(fetched);
    }
    std::uint64_t ignored = 0;
    [[maybe_unused]] const auto read = ::read(arrived_, &ignored, sizeof(ignored));
    rd_kafka_poll(producer_.get(), 0);
    if (!next_offsets_.empty() && steady_clock::now() >= commit_at_) Commit();
  }

 private:
  [[nodiscard]] milliseconds Patience() const {
    if (next_offsets_.empty()) return milliseconds(500);
    const auto left = std::chrono::ceil<milliseconds>(commit_at_ - steady_clock::now());
    return std::clamp(left, milliseconds(0), milliseconds(500));
  }

  void Fetch(const rd_kafka_message_t& message) {
    kafka::ViewHeaders(message, headers_);
    const auto facts = common::ReadArrived(kafka::ValueOf(message), headers_, providers_);
    if (!facts.is_readable) throw std::runtime_error("a callback is not readable");
    fetches_.Start(next_number_, facts.dossier.str(), facts.process.str());
    pending_.emplace(next_number_++, Pending{.process = facts.process.str(),
                                             .identity = std::string(facts.identity.view()),
                                             .partition = common::Partition(message.partition),
                                             .offset = common::Offset(message.offset)});
  }

  void Publish(const bench::BareFetches::Fetched& fetched) {
    const auto found = pending_.find(fetched.number);
    const Pending& callback = found->second;
    if (next_offsets_.empty()) {
      OrThrow(rd_kafka_begin_transaction(producer_.get()));
      commit_at_ = std::max(commit_at_, steady_clock::now() + milliseconds(20));
    }
    std::string result = R"({"process":)";
    result.append(fetched.process).append(R"(,"dossier":)").append(fetched.dossier).append("}");
    Send("processes", {.key = callback.process, .value = result});
    Send("callbacks.seen",
         {.key = callback.identity, .value = "", .partition = callback.partition});
    common::Offset& next = next_offsets_[callback.partition];
    next = std::max(next, callback.offset + 1);
    pending_.erase(found);
  }

  void Send(const char* topic, const kafka::OutboundRecord& record) {
    const auto failed = kafka::SendRecord(producer_.get(), prefix_ + topic, record);
    if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(failed));
  }

  void Commit() {
    const kafka::PartitionList offsets(
        rd_kafka_topic_partition_list_new(static_cast<int>(next_offsets_.size())));
    for (const auto& [partition, next] : next_offsets_) {
      rd_kafka_topic_partition_list_add(offsets.get(), (prefix_ + "callbacks").c_str(),
                                        partition.number())
          ->offset = next.number();
    }
    const kafka::GroupMetadata group(
        rd_kafka_consumer_group_metadata_new((prefix_ + "bare").c_str()));
    OrThrow(rd_kafka_send_offsets_to_transaction(producer_.get(), offsets.get(), group.get(),
                                                 kLimitMs));
    OrThrow(rd_kafka_commit_transaction(producer_.get(), kLimitMs));
    next_offsets_.clear();
    commit_at_ = steady_clock::now() + interval_;
  }

  const std::string prefix_;
  const milliseconds interval_;
  const int arrived_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  bench::RecordReader reader_;
  kafka::Handle producer_;
  bench::BareFetches fetches_;
  const common::ProviderTable providers_;
  common::HeaderViews headers_;
  std::uint64_t next_number_ = 0;
  std::unordered_map<std::uint64_t, Pending> pending_;
  std::map<common::Partition, common::Offset> next_offsets_;  ///< Of the open transaction.
  steady_clock::time_point commit_at_{};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: bench-results BOOTSTRAP PREFIX URL INTERVAL_MS\n", stderr);
    return 2;
  }
  try {
    std::signal(SIGTERM, [](int) { must_stop = 1; });
    curl_global_init(CURL_GLOBAL_DEFAULT);
    Results results(argv[1], argv[2], argv[3], milliseconds(bench::NumberOf(argv[4])));
    std::puts(R"({"started":1})");
    std::fflush(stdout);
    while (must_stop == 0) results.Step();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-results: %s\n", error.what());
    return 1;
  }
}
