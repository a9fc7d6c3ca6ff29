#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/guarded.h"
#include "common/base/result.h"
#include "common/telemetry/log.h"
#include "common/tracing/span.h"
#include "consumer/config.h"
#include "consumer/events.h"
#include "consumer/fetch/account.h"
#include "consumer/fetch/fetch_scheduler.h"
#include "consumer/fetch/shared_transport.h"
#include "consumer/http/curl_transport.h"
#include "consumer/kafka/kafka_announcements.h"
#include "consumer/kafka/kafka_committer.h"
#include "consumer/kafka/kafka_restorer.h"
#include "consumer/kafka/retirement.h"
#include "consumer/kafka/source_consumer.h"
#include "consumer/lane/lane.h"
#include "consumer/lane/lane_loop.h"
#include "consumer/tracing/lane_traces.h"

namespace consumer {

/// A lane with all its parts and its thread.
///
/// Threads:  status() and FindStalledPart() from any, the rest from the owner's.
/// Lifetime: configuration, events and log must outlive it, and so must a CurlGlobal. The
///           destructor waits for the thread, which ends after a stop or a failure.
class LaneUnit {
 public:
  struct Hooks {
    std::function<bool()> is_intake_held;
    std::function<void(const common::Error&)> failed;  ///< Called on the lane's thread.
    std::stop_token stop;
    int stop_fd = -1;  ///< Readable once a stop is requested.
  };

  /// Called before the clients that exist by then are destroyed, which has no deadline.
  using Failed = std::function<void(const common::Error&)>;

  /// Joins the group as `<instance>-<index>`. `spans`: none if callbacks are not traced; must
  /// outlive it. Errors: kStop, with librdkafka's message; `failed` has been told.
  static common::Result<std::unique_ptr<LaneUnit>> Create(const Config& config, std::size_t index,
                                                          Events& events, const common::Logger& log,
                                                          common::tracing::SpanSink* spans,
                                                          const Failed& failed);
  void Start(Hooks hooks);

  [[nodiscard]] const LaneStatus& status() const { return status_; }
  /// The part that has made no progress for longer than any deadline allows; none: all work.
  [[nodiscard]] std::optional<std::string_view> FindStalledPart(Pulse::Clock::time_point now) const;
  /// The account asks for its next tokens with this secret. Threads: any.
  void ReplaceSecret(AccountIndex account, std::string secret);
  /// Waits for its thread, which ends after a stop or a failure.
  void Join() { thread_.join(); }

 private:
  /// One account in the lane.
  struct AccountFetching {
    AccountFetching(AccountReporter events, FetchSettings settings, HttpTransport& transport,
                    FetchScheduler::Injected injected)
        : reporter(std::move(events)),
          scheduler(std::move(settings), transport, reporter, std::move(injected)) {}
    AccountReporter reporter;
    FetchScheduler scheduler;
  };

  LaneUnit(const Config& config, std::size_t index, Events& events, const common::Logger& log,
           std::unique_ptr<SourceConsumer> source, std::unique_ptr<KafkaRestorer> restorer,
           std::unique_ptr<KafkaAnnouncements> announcements, common::tracing::SpanSink* spans);

  [[nodiscard]] std::vector<std::unique_ptr<AccountFetching>> MakeAccounts(const Config& config);
  [[nodiscard]] std::vector<FetchScheduler*> Schedulers() const;
  void TakeNewSecrets();

  Retirement retirement_;  // First: waits for a client that may need long to end.
  std::chrono::milliseconds fetch_timeout_;
  LaneReporter reporter_;
  std::optional<LaneTraces> traces_;  ///< None: callbacks are not traced.
  std::unique_ptr<SourceConsumer> source_;
  std::unique_ptr<KafkaRestorer> restorer_;
  std::unique_ptr<KafkaAnnouncements>
      announcements_;  ///< Null: announced processes are not watched.
  KafkaCommitter committer_;
  CurlTransport transport_;
  SharedTransport shared_transport_;
  std::vector<std::unique_ptr<AccountFetching>> accounts_;
  ScheduledFetcher fetcher_;
  /// Of accounts, for the lane to take over.
  common::Guarded<std::map<AccountIndex, std::string>> new_secrets_;
  Lane lane_;
  LaneStatus status_;
  std::jthread thread_;  // Last: its destructor joins the thread that uses the members above.
};

}  // namespace consumer
