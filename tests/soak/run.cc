#include "tests/soak/run.h"

#include <array>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "tests/support/kafka_calls.h"
#include "tests/support/kafka_nodes.h"
#include "tests/support/wait_until.h"

namespace soak {

using std::chrono::milliseconds;
using std::chrono::seconds;

Run::Run(Options options, std::filesystem::path directory, std::uint64_t seed)
    : options_(std::move(options)), directory_(std::move(directory)), seed_(seed), random_(seed) {
  std::filesystem::remove_all(directory_);
  std::filesystem::create_directories(directory_);
}

void Run::Step(const std::string& text) const {
  const auto since = std::chrono::steady_clock::now() - begun_;
  std::fprintf(stderr, "[%3lld s] %s\n",
               static_cast<long long>(std::chrono::floor<seconds>(since).count()), text.c_str());
}

void Run::Tell(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

void Run::Fail(const std::string& reason) {
  std::fprintf(stderr, "FAILED: %s\n", reason.c_str());
  ++failures_;
}

// std::uniform_int_distribution would draw differently in each library.
int Run::Draw(int least, int most) {
  const auto count = static_cast<std::uint64_t>(most - least) + 1;
  return least + static_cast<int>(random_() % count);
}

milliseconds Run::DrawTime(milliseconds least, milliseconds most) {
  return milliseconds(Draw(static_cast<int>(least.count()), static_cast<int>(most.count())));
}

tests::Broker& Run::StartBroker(int nodes) {
  Step("starting Kafka (" + std::to_string(nodes) + " node(s))");
  broker_ = tests::Broker::StartIn(directory_ / "kafka", nodes);
  bootstrap_ = broker_->bootstrap();
  return *broker_;
}

int Run::UseCluster(const std::string& bootstrap, const std::string& prefix) {
  Step("using the Kafka cluster at " + bootstrap + ", topics " + prefix + "*");
  bootstrap_ = bootstrap;
  prefix_ = prefix;
  const auto handle = tests::MakeHandle(RD_KAFKA_PRODUCER, bootstrap, {});
  const std::size_t nodes = tests::CountNodes(handle.get());
  if (nodes == 0) throw std::runtime_error("no Kafka broker answers at " + bootstrap);
  return nodes < 3 ? 1 : 3;
}

tests::Pipeline& Run::StartPipeline(int copies,
                                    std::function<void(tests::TopicSpec&)> shape_callbacks) {
  Step("creating the topics, starting the simulated Assure API (20 ms per answer, 2 % errors)");
  pipeline_ = std::make_unique<tests::Pipeline>(
      tests::PipelineOptions{.bootstrap = bootstrap_,
                             .prefix = prefix_,
                             .plan = {.replication = copies},
                             .directory = directory_,
                             .api = {"--latency-ms", "20", "--error-rate", "0.02"},
                             .shape_callbacks = std::move(shape_callbacks)});
  pipeline_->ingest_settings = {{"drain_delay", "100ms"}};
  pipeline_->has_spool = true;
  pipeline_->spool = {{"min_free_disk", "64MiB"}};
  pipeline_->consumer_settings = {};
  pipeline_->consumer_kafka = {};
  pipeline_->fetch = {};
  return *pipeline_;
}

void Run::Await(const std::function<bool()>& condition, seconds limit, const std::string& what) {
  const auto holds = [&] {
    pipeline_->RequireAll();
    return condition();
  };
  if (!tests::WaitUntil(holds, limit, milliseconds(50))) throw std::runtime_error(what);
}

void Run::Rest(milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  Await([&] { return std::chrono::steady_clock::now() >= end; },
        std::chrono::ceil<seconds>(time) + seconds(60), "the wait does not end");
}

std::string LastLines(std::string_view text, int count) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  std::size_t begin = text.size();
  for (; count > 0 && begin != std::string_view::npos && begin > 0; --count) {
    begin = text.rfind('\n', begin - 1);
  }
  return std::string(text.substr(begin == std::string_view::npos ? 0 : begin + 1));
}

std::string Seconds(milliseconds time) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", static_cast<double>(time.count()) / 1000);
  return text.data();
}

}  // namespace soak
