// usage: bench-produce --bootstrap ADDRESS --topic NAME [--outstanding N] [--rate N] [--seconds X]
//                      [--run N] [--ids FILE] [--property NAME=VALUE]…
//
// Produces the records that ingest would produce for the callbacks of bench-load, with ingest's
// settings and librdkafka only. Without --rate it keeps --outstanding records in flight; with it,
// it produces at that rate, with latencies since each record was due. Measures as bench-load does,
// but itself instead of a server. Writes the process id of each record to FILE. A record that is
// not stored is an error.
#include <librdkafka/rdkafka.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/base/fd.h"
#include "common/kafka/client_config.h"
#include "ingest/kafka/producer_settings.h"
#include "ops/bench/bench_callback.h"
#include "ops/bench/load_window.h"
#include "ops/bench/measuring.h"
#include "ops/bench/pace.h"
#include "ops/bench/paced_load.h"
#include "ops/bench/properties.h"
#include "ops/simulator/arguments.h"

namespace {

using std::chrono::nanoseconds;
using Clock = std::chrono::steady_clock;

struct Options : bench::PacedLoad {
  std::string topic;
  std::size_t outstanding = 64;
  int turn_ms = 0;  ///< The least time between two turns.
  common::kafka::Properties properties;
};

class Producer {
 public:
  explicit Producer(const Options& options)
      : options_(options),
        wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
        pace_(options.rate, options.seconds),
        window_({::getpid()}) {
    ingest::ProducerSettings settings;
    settings.topic = options.topic;
    const auto defaults = ingest::ProducerDefaults(settings);
    const auto promises = ingest::ProducerPromises(settings);
    auto conf =
        bench::OrThrow(common::kafka::BuildConf({&defaults, &options.properties, &promises}));
    rd_kafka_conf_set_opaque(conf.get(), this);
    rd_kafka_conf_set_dr_msg_cb(conf.get(), OnReport);
    client_ = bench::OrThrow(common::kafka::NewProducer(std::move(conf)));
    topic_.reset(rd_kafka_topic_new(client_.get(), options.topic.c_str(), nullptr));
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(client_.get(), 0, topic_.get(), &metadata, 5'000) != 0) {
      throw std::runtime_error("the broker does not answer");
    }
    rd_kafka_metadata_destroy(metadata);
    reports_.reset(rd_kafka_queue_get_main(client_.get()));
    rd_kafka_queue_io_event_enable(reports_.get(), wake_.get(), "12345678", 8);
  }

  std::string Run() {
    while (true) {
      const auto now = Clock::now();
      pace_.Tell(window_, now);
      while (const auto due = TakeDue(now)) Produce(*due);
      if (pace_.is_over() && outstanding_ == 0) return window_.ToJson();
      if (pace_.IsTooLate(now)) throw std::runtime_error("reports are missing after 10 s");
      Wait(std::max(pace_.NextTurn(now, HasRoom()),
                    nanoseconds(std::chrono::milliseconds(options_.turn_ms))));
      rd_kafka_poll(client_.get(), 0);
    }
  }

  void WriteIds() const { options_.WriteIds(pace_.count()); }

 private:
  [[nodiscard]] bool HasRoom() const {
    return options_.rate > 0 || outstanding_ < options_.outstanding;
  }
  std::optional<Clock::time_point> TakeDue(Clock::time_point now) {
    return HasRoom() ? pace_.Take(now) : std::nullopt;
  }

  /// The opaque comes back in the delivery report; it is a time, not an address.
  static void* ToOpaque(Clock::time_point due) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): librdkafka's opaque is a pointer
    return reinterpret_cast<void*>(due.time_since_epoch().count());
  }

  void Produce(Clock::time_point due) {
    const std::uint64_t number = pace_.count() - 1;
    const std::string key = bench::ProcessIdOf(options_.run, number);
    const std::string body = bench::BodyOf(options_.run, number);
    const rd_kafka_resp_err_t error = rd_kafka_producev(
        client_.get(), RD_KAFKA_V_RKT(topic_.get()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(key.data(), key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(body.data()), body.size()),
        RD_KAFKA_V_HEADER("provider", "eid", 3),
        RD_KAFKA_V_HEADER("received-at", "2026-01-01T00:00:00.000Z", 24),
        RD_KAFKA_V_HEADER("request-id", key.data(), 32),
        RD_KAFKA_V_HEADER("content-type", "application/json", 16),
        RD_KAFKA_V_HEADER("schema", "1", 1),
        // NOLINTNEXTLINE(performance-no-int-to-ptr): never dereferenced
        RD_KAFKA_V_OPAQUE(ToOpaque(due)), RD_KAFKA_V_END);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(error));
    ++outstanding_;
  }

  void Wait(nanoseconds timeout) {
    pollfd wake{.fd = wake_.get(), .events = POLLIN, .revents = 0};
    const timespec limit{.tv_sec = timeout / std::chrono::seconds(1),
                         .tv_nsec = (timeout % std::chrono::seconds(1)).count()};
    std::uint64_t count = 0;
    if (::ppoll(&wake, 1, &limit, nullptr) > 0) {
      static_cast<void>(::read(wake_.get(), &count, sizeof count));
    }
  }

  static void OnReport(rd_kafka_t* /*client*/, const rd_kafka_message_t* message,
                       void* opaque) noexcept {
    auto* self = static_cast<Producer*>(opaque);
    --self->outstanding_;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      std::fprintf(stderr, "bench-produce: %s\n", rd_kafka_err2str(message->err));
      std::_Exit(1);
    }
    const Clock::time_point due(
        Clock::duration(reinterpret_cast<std::intptr_t>(message->_private)));
    self->window_.Done(due, Clock::now());
  }

  const Options& options_;
  common::kafka::Handle client_;
  common::kafka::Topic topic_;
  common::kafka::Queue reports_;
  const common::Fd wake_;
  std::size_t outstanding_ = 0;
  bench::Pace pace_;
  bench::LoadWindow window_;
};

Options ReadOptions(const std::vector<std::string_view>& arguments) {
  Options options;
  options.ReadOptions(
      arguments,
      {{"bootstrap", "an address", simulator::SetText(options.properties["bootstrap.servers"])},
       {"topic", "a name", simulator::SetText(options.topic)},
       {"outstanding", "a number", simulator::SetNumber(options.outstanding, std::size_t{1})},
       {"turn-ms", "a number", simulator::SetNumber(options.turn_ms, 0)},
       {"property", "NAME=VALUE",
        [&](std::string_view value) { return bench::SetProperty(options.properties, value); }}});
  if (options.topic.empty()) throw std::invalid_argument("--topic is missing");
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = ReadOptions({argv + 1, argv + argc});
    Producer producer(options);
    std::printf("%s\n", producer.Run().c_str());
    producer.WriteIds();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-produce: %s\n", error.what());
    return 1;
  }
}
