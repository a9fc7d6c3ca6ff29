#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "common/base/deadline.h"
#include "common/domain/topics.h"
#include "common/kafka/client_config.h"
#include "common/kafka/client_log.h"
#include "common/kafka/topic_check.h"
#include "common/telemetry/log.h"
#include "consumer/kafka/missing_topics.h"

namespace consumer {

/// Watches whether the topics are as the promises need them: at first contact, and from time to
/// time.
///
/// Threads: one of its own; state() from any.
class TopicGuard {
 public:
  enum class State {
    kUnseen,   ///< No broker has answered yet.
    kFine,     ///< As they must be, when last seen.
    kRefused,  ///< A promise would not hold.
  };
  /// What a look found, if that differs from the look before; called on the guard's thread.
  using Report = std::function<void(const std::vector<common::kafka::TopicFinding>& findings)>;

  struct Settings {
    common::kafka::Properties properties;
    common::TopicNames topics;
    common::kafka::TopicNeeds needs;
  };

  TopicGuard(Settings settings, const common::Logger& log, Report report);
  TopicGuard(const TopicGuard&) = delete;
  TopicGuard& operator=(const TopicGuard&) = delete;

  [[nodiscard]] State state() const { return state_.load(); }
  /// The state after the first contact, or kUnseen if there is none by the deadline or the stop.
  [[nodiscard]] State AwaitFirstContact(common::Deadline deadline, const std::stop_token& stop);

 private:
  void Run(const std::stop_token& stop);
  void Look(rd_kafka_t* client);

  Settings settings_;
  const common::Logger& log_;
  Report report_;
  std::atomic<State> state_{State::kUnseen};
  // Confined to thread_.
  std::vector<std::string> last_texts_;  ///< Of the findings.
  std::string last_failure_;             ///< Why there were none; empty: there were.
  MissingTopics missing_;
  bool is_certain_ = true;  ///< Else the state stays as it was.
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;  // Last: its destructor joins the thread that uses the members above.
};

}  // namespace consumer
