// ingest/kafka/producer_session.h, topic_leaders.h and callbacks_topic.h on the model cluster, in
// the place of those on librdkafka.
#include "ingest/kafka/producer_session.h"

#include <map>
#include <memory>
#include <utility>

#include "ingest/kafka/callbacks_topic.h"
#include "ingest/kafka/topic_leaders.h"
#include "tests/simulation/ingest/clients/plain_producer.h"
#include "tests/simulation/ingest/world/process.h"

namespace ingest {
namespace {

using simulation::intake::PlainProducer;
using simulation::intake::Process;

constexpr std::chrono::milliseconds kShortestPause{500};

/// The header has no room for a model.
std::map<const ProducerSession*, std::shared_ptr<PlainProducer>>& Models() {
  static std::map<const ProducerSession*, std::shared_ptr<PlainProducer>> models;
  return models;
}
PlainProducer& ModelOf(const ProducerSession& session) { return *Models().at(&session); }

simulation::Cluster& Kafka() { return simulation::Cluster::Current(); }

/// Asks one broker after the other.
common::Result<simulation::Cluster::Leaders> Ask(std::chrono::nanoseconds timeout) {
  const simulation::Time until = Kafka().runtime().now() + timeout;
  const auto brokers = static_cast<std::uint64_t>(Kafka().settings().brokers);
  while (Kafka().runtime().now() < until && !Process::Here().host().is_dead) {
    const auto broker = static_cast<int>(Kafka().client_random().Below(brokers));
    const auto reply =
        Kafka().FindLeaders(simulation::Topic::kCallbacks, broker, until - Kafka().runtime().now());
    if (reply.is_good()) return reply.answer;
  }
  return common::Error{common::Remedy::kRetry, "no_answer", "no broker answers"};
}

}  // namespace

ProducerSession::ProducerSession(const ProducerSettings& settings, const common::Logger& log,
                                 OnFatal on_fatal)
    : on_fatal_(std::move(on_fatal)),
      max_batch_(settings.max_batch),
      instance_(settings.instance),
      client_log_(log, "producer") {}

common::Result<std::unique_ptr<ProducerSession>> ProducerSession::Open(
    const ProducerSettings& settings, const common::Logger& log, const common::Fd& event,
    OnFatal on_fatal) {
  Process& process = Process::Here();
  simulation::intake::ClientFaults& faults = process.client_faults();
  if (const auto now = process.runtime().now(); now < faults.cannot_open_until) {
    if (now - std::exchange(faults.last_not_opened, now) < kShortestPause) {
      process.judge().Blame("a client that cannot be made is tried in a loop");
    }
    return common::Error{common::Remedy::kStop, "client_refused", "no memory"};
  }
  std::unique_ptr<ProducerSession> session(new ProducerSession(settings, log, std::move(on_fatal)));
  Models()[session.get()] = std::make_shared<PlainProducer>(
      process.host(), process.client_faults(),
      PlainProducer::Settings{.max_batch = settings.max_batch,
                              .max_records = settings.bounds.max_requests,
                              .instance = settings.instance},
      [&process, fd = event.get()] { process.Signal(fd); },
      [one = session.get()] { one->on_fatal_(); });
  process.client_faults().become_fatal = [model = std::weak_ptr(Models()[session.get()])] {
    if (const auto client = model.lock()) client->BecomeFatal();
  };
  return session;
}

ProducerSession::~ProducerSession() {
  const auto model = Models().extract(this);
  if (!model.empty()) model.mapped()->Close();
}

Offered ProducerSession::Produce(CallbackNumber number, const common::Envelope& envelope) {
  return ModelOf(*this).Produce(number, envelope);
}

std::vector<Delivery> ProducerSession::TakeReports() {
  const std::lock_guard lock(poll_mutex_);
  return ModelOf(*this).TakeReports();
}

std::size_t ProducerSession::outstanding() const { return ModelOf(*this).outstanding(); }

std::optional<std::string> ProducerSession::FatalError() const {
  if (!ModelOf(*this).is_fatal()) return std::nullopt;
  return "a fatal error";
}

void ProducerSession::Purge() { ModelOf(*this).Purge(); }

common::Result<TopicLeaders> FindLeaders(const ProducerSession& /*session*/,
                                         std::chrono::milliseconds timeout) {
  const auto asked = Ask(timeout);
  if (!asked) return asked.error();
  TopicLeaders leaders;
  leaders.partitions = static_cast<std::size_t>(asked->partitions);
  for (const int partition : asked->without) leaders.without.emplace(partition);
  return leaders;
}

/// The limit can be read, or is found out by refusals.
TopicCheck CheckOfTopic(std::string /*topic*/, std::int64_t /*callback_bytes*/) {
  return [](rd_kafka_t* /*client*/, common::Deadline deadline) -> common::Result<TopicReport> {
    const auto asked = Ask(deadline.at() - common::Deadline::Clock::now());
    if (!asked) return asked.error();
    TopicReport report;
    const std::size_t limit = Kafka().settings().max_callback_bytes;
    if (limit > 0 && Process::Here().may_read_limit()) report.max_message_bytes = limit;
    return report;
  };
}

TopicReport ReportOnExpectedTopic(const common::TopicNames& /*names*/,
                                  const common::kafka::ClusterFacts& /*facts*/) {
  return {};
}
TopicCheck CheckOfExpectedTopic(const common::TopicNames& /*names*/) { return CheckOfTopic("", 0); }

}  // namespace ingest
