#include "tests/soak/callback_writer.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <random>
#include <stdexcept>
#include <utility>

#include "common/kafka/handles.h"
#include "ops/simulator/synthetic_ids.h"
#include "tests/support/kafka_calls.h"
#include "tests/support/wait_until.h"

namespace soak {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A body with the ids and one more member.
std::string BodyOf(const std::string& process, const std::string& name, std::string_view value) {
  const std::string number = process.substr(std::string("process-").size());
  return R"({"dossierId":"dossier-)" + number + R"(","processId":")" + process + R"(",")" + name +
         R"(":")" + std::string(value) + "\"}";
}

}  // namespace

bool IsLost(int callback, int percent, std::uint64_t seed) {
  std::seed_seq sequence{seed & 0xffff'ffff, seed >> 32U, static_cast<std::uint64_t>(callback)};
  return std::mt19937(sequence)() % 100 < static_cast<std::uint32_t>(percent);
}

tests::Record CallbackRecord(int callback) {
  const std::string process = ProcessIdOf(callback);
  return {.key = process,
          .value = BodyOf(process, "status", simulator::FinalStatusOf(process)),
          .headers = {{"provider", "onfido"}, {"schema", "1"}}};
}

tests::Record AnnouncementRecord(int callback) {
  const std::string process = ProcessIdOf(callback);
  return {.key = process, .value = BodyOf(process, "provider", "onfido")};
}

std::string ProcessIdOf(int callback) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "process-%07d", callback);
  return text.data();
}

std::vector<int> PlanDeliveries(int callbacks, int redeliveries, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto up_to = [&](int most) {
    return static_cast<int>(random() % (static_cast<std::uint64_t>(std::max(most, 0)) + 1));
  };
  constexpr int kSoon = 50;
  constexpr int kLater = 3000;
  std::vector<std::pair<int, int>> due;  // Position in the order, callback.
  for (int callback = 0; callback < callbacks; ++callback) {
    due.emplace_back(callback, callback);
    if (redeliveries > 0) due.emplace_back(callback + up_to(kSoon), callback);
    if (redeliveries > 1) due.emplace_back(callback + up_to(kLater), callback);
    if (redeliveries > 2) due.emplace_back(callback + up_to(callbacks - 1 - callback), callback);
  }
  std::ranges::stable_sort(due, {}, &std::pair<int, int>::first);
  std::vector<int> order;
  for (const auto& [place, callback] : due) order.push_back(callback);
  return order;
}

/// librdkafka's producer and the outcomes of its records.
class CallbackWriter::Producer {
 public:
  Producer(const std::string& bootstrap, const Plan& plan)
      : plan_(plan),
        handle_(tests::MakeHandle(RD_KAFKA_PRODUCER, bootstrap,
                                  {{"partitioner", "murmur2_random"},
                                   {"acks", "all"},
                                   {"linger.ms", "20"},
                                   {"message.timeout.ms", "600000"}})),
        reports_(rd_kafka_queue_get_main(handle_.get())) {}

  /// False if it cannot produce now.
  bool Produce(int callback) {
    const auto error = tests::ProduceOne(handle_.get(), plan_.topic, plan_.record_of(callback),
                                         static_cast<std::size_t>(callback));
    return error == RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  /// Returns the callbacks that failed.
  std::vector<int> TakeReports(milliseconds limit) {
    std::vector<int> failed;
    const common::kafka::Event event(
        rd_kafka_queue_poll(reports_.get(), static_cast<int>(limit.count())));
    if (!event || rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR) return failed;
    while (const auto* message = rd_kafka_event_message_next(event.get())) {
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
      failed.push_back(static_cast<int>(reinterpret_cast<std::uintptr_t>(message->_private)));
    }
    return failed;
  }
  [[nodiscard]] bool IsEmpty() const { return rd_kafka_outq_len(handle_.get()) == 0; }

 private:
  const Plan& plan_;
  common::kafka::Handle handle_;
  common::kafka::Queue reports_;
};

CallbackWriter::CallbackWriter(std::string bootstrap, Plan plan)
    : bootstrap_(std::move(bootstrap)),
      plan_(std::move(plan)),
      thread_([this](const std::stop_token& stop) { Write(stop); }) {}

void CallbackWriter::Write(const std::stop_token& stop) {
  Producer producer(bootstrap_, plan_);
  std::vector<int>& deliveries = plan_.deliveries;
  const auto begun = std::chrono::steady_clock::now();
  const auto may_write = [&](std::size_t number) {
    const auto due = begun + seconds(1) * static_cast<double>(number) / plan_.rate;
    return is_in_hurry_ || std::chrono::steady_clock::now() >= due;
  };
  std::size_t written = 0;
  while (!stop.stop_requested() && (written < deliveries.size() || !producer.IsEmpty())) {
    while (written < deliveries.size() && may_write(written) &&
           producer.Produce(deliveries[written])) {
      ++written;
    }
    const auto failed = producer.TakeReports(milliseconds(10));
    deliveries.insert(deliveries.end(), failed.begin(), failed.end());
  }
  is_done_ = true;
}

void CallbackWriter::Finish() {
  if (!tests::WaitUntil([this] { return IsDone(); }, std::chrono::minutes(15))) {
    throw std::runtime_error("the callbacks could not be written");
  }
}

void CallbackWriter::Abandon() {
  thread_.request_stop();
  thread_.join();
}

}  // namespace soak
