#include "consumer/kafka/topic_guard.h"

#include <utility>

#include "common/kafka/topic_admin.h"
#include "consumer/kafka/client_settings.h"

namespace consumer {
namespace {

using common::Deadline;
namespace kafka = common::kafka;

constexpr std::chrono::milliseconds kLook{3'000};
constexpr std::chrono::milliseconds kRetry{500};
constexpr std::chrono::seconds kWhileRefused{10};
constexpr std::chrono::seconds kWhileFine{60};

}  // namespace

TopicGuard::TopicGuard(Settings settings, const common::Logger& log, Report report)
    : settings_(std::move(settings)),
      log_(log),
      report_(std::move(report)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

TopicGuard::State TopicGuard::AwaitFirstContact(Deadline deadline, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, stop, deadline.at(), [&] { return state() != State::kUnseen; });
  return state();
}

void TopicGuard::Run(const std::stop_token& stop) {
  kafka::ClientLog client_log(log_, "topic guard");
  const kafka::Properties defaults = CommonDefaults();
  common::Result<kafka::Conf> conf =
      kafka::BuildConfOf(RD_KAFKA_PRODUCER, {&defaults, &settings_.properties});
  if (!conf) return log_.Error("topics.unseen", {{"why", conf.error().detail}});
  client_log.Attach(conf->get());
  const auto client = kafka::NewProducer(*std::move(conf));
  if (!client) return log_.Error("topics.unseen", {{"why", client.error().detail}});
  while (!stop.stop_requested()) {
    Look(client->get(), client_log);
    const std::chrono::milliseconds pause = state() == State::kUnseen || !is_certain_ ? kRetry
                                            : state() == State::kRefused ? kWhileRefused
                                                                         : kWhileFine;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, pause, [] { return false; });
  }
}

void TopicGuard::Look(rd_kafka_t* client, const kafka::ClientLog& client_log) {
  const auto facts = kafka::FetchClusterFacts(
      client, kafka::TopicsOf(settings_.topics, settings_.scope), Deadline::After(kLook));
  rd_kafka_poll(client, 0);  // Serves the error callback.
  if (!facts) {              // The last findings stay in force.
    const std::string words =
        facts.error().code == kafka::kNoBroker ? client_log.WhyUnanswered() : "";
    const std::string why = words.empty() ? facts.error().detail : "no broker answers: " + words;
    if (why != last_failure_) {
      log_.Warn("topics.unseen", {{"code", facts.error().code}, {"why", why}});
    }
    last_failure_ = why;
    return;
  }
  last_failure_.clear();
  const std::vector<kafka::TopicFinding> findings =
      kafka::CheckTopics(settings_.topics, settings_.scope, settings_.needs, *facts);
  is_certain_ = missing_.AreCertain(findings, std::chrono::steady_clock::now());
  if (!is_certain_) return;
  State seen = State::kFine;
  std::vector<std::string> texts;
  for (const kafka::TopicFinding& finding : findings) {
    if (kafka::IsRefused(finding.fault)) seen = State::kRefused;
    texts.push_back(finding.text);
  }
  if (texts != last_texts_) report_(findings);
  last_texts_ = std::move(texts);
  {
    const std::lock_guard lock(mutex_);
    state_.store(seen);
  }
  changed_.notify_all();
}

}  // namespace consumer
