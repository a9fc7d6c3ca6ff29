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
#include "common/kafka/missing_topics.h"
#include "common/kafka/topic_check.h"
#include "common/telemetry/log.h"

namespace consumer {

/// Checks that the topics meet the requirements, at first contact and then periodically.
///
/// Threads: one of its own; state() from any.
class TopicGuard {
 public:
  enum class State {
    kUnseen,   ///< No broker has answered yet.
    kFine,     ///< All requirements were met at the last look.
    kRefused,  ///< A requirement is not met.
  };
  /// The findings of a look, if they differ from the previous ones. Called on the guard's thread.
  using Report = std::function<void(const std::vector<common::kafka::TopicFinding>& findings)>;

  struct Settings {
    common::kafka::Properties properties;
    common::TopicNames topics;
    common::kafka::TopicNeeds needs;
    common::kafka::TopicScope scope = common::kafka::TopicScope::kHandling;
  };

  TopicGuard(Settings settings, const common::Logger& log, Report report);
  TopicGuard(const TopicGuard&) = delete;
  TopicGuard& operator=(const TopicGuard&) = delete;

  [[nodiscard]] State state() const { return state_.load(); }
  /// The state after the first contact, or kUnseen if the deadline or the stop comes first.
  [[nodiscard]] State AwaitFirstContact(common::Deadline deadline, const std::stop_token& stop);

 private:
  void Run(const std::stop_token& stop);
  void Look(rd_kafka_t* client, const common::kafka::ClientLog& client_log);

  Settings settings_;
  const common::Logger& log_;
  Report report_;
  std::atomic<State> state_{State::kUnseen};
  // Confined to thread_.
  std::vector<std::string> last_texts_;  ///< Of the findings.
  std::string last_failure_;             ///< Why the last look failed; empty: it did not.
  common::kafka::MissingTopics missing_;
  bool is_certain_ = true;  ///< Otherwise the state stays as it was.
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;  // Last: its destructor joins the thread that uses the members above.
};

}  // namespace consumer
