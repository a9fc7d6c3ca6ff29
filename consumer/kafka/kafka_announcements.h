#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string_view>
#include <thread>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/domain/provider_rules.h"
#include "common/telemetry/log.h"
#include "common/telemetry/log_throttle.h"
#include "consumer/kafka/client_settings.h"
#include "consumer/kafka/event_fd.h"
#include "consumer/kafka/log_cursor.h"
#include "consumer/kafka/log_reader.h"
#include "consumer/kafka/reading_goals.h"
#include "consumer/kafka/renewed_reader.h"
#include "consumer/lane/announcements.h"
#include "consumer/lane/pulse.h"

namespace consumer {

/// Reads `callbacks.expected`, committed records only, beside the restores and without delaying
/// them.
///
/// Each partition is read from `reach` ago to its end, then every two seconds what was added. Each
/// time the end was looked up and reached, the lane is told; if it is not reached for a minute, the
/// log says why, once a minute. A log that went back (it lost its end, or the topic was created
/// anew) is read from `reach` ago again. That is noticed before anything is read beyond the
/// position (LogCursor), at once if the log is shorter now, and else within half a minute.
///
/// Threads:  one of its own; the members are for the lane's, pulse() for any.
/// Lifetime: providers and log must outlive it. The destructor waits for the look-up in progress,
///           at most a few seconds.
class KafkaAnnouncements final : public Announcements {
 public:
  struct Timing {
    std::chrono::milliseconds read_every{2'000};
    std::chrono::milliseconds check_every{30'000};
    std::chrono::milliseconds look_up{3'000};  ///< One request to the brokers.
    std::chrono::milliseconds unread_after{60'000};
  };

  /// Errors: kStop, with librdkafka's message.
  static common::Result<std::unique_ptr<KafkaAnnouncements>> Create(
      ClientSettings settings, std::chrono::seconds reach, const common::ProviderTable& providers,
      const common::Logger& log, Timing timing);
  ~KafkaAnnouncements() override = default;

  [[nodiscard]] int fd() const override { return wake_.fd(); }
  void Follow(const std::map<Partition, Epoch>& partitions) override;
  [[nodiscard]] std::vector<AnnouncementNews> Take(std::size_t most) override;

  [[nodiscard]] const Pulse& pulse() const { return pulse_; }

 private:
  /// How far a partition was read.
  struct Reading {
    Epoch epoch = 0;
    LogCursor cursor;
    Offset old_until{};                     ///< The end when reading began.
    std::optional<Offset> stable_end = {};  ///< Of the last look-up. None: it failed.
    Offset told_next{};                     ///< The position when the log said why it is behind.
  };
  using Readings = std::map<Partition, Reading>;

  KafkaAnnouncements(ClientSettings settings, std::chrono::seconds reach,
                     const common::ProviderTable& providers, const common::Logger& log,
                     Timing timing, std::unique_ptr<LogReader> reader);
  void Run(const std::stop_token& stop);
  /// Waits until partitions change, the lane makes room, or the time has come.
  void Await(common::Deadline::Clock::time_point until, const std::stop_token& stop);
  void StartNew(const std::map<Partition, Epoch>& followed);
  /// Compares positions with the logs: all of them, or those in doubt.
  enum class Which { kAll, kInDoubt };
  void CheckLogs(Which which);
  void WentBack(Partition partition);
  void ReadNew(const std::stop_token& stop);
  void ReadExtents(const common::kafka::Extents& extents, const std::stop_token& stop);
  /// Looks up the ends that reading pursues next.
  void Pursue(const std::vector<Partition>& partitions);
  void TellReached();
  void TellUnread();
  /// None: reading gets on, there is just much.
  [[nodiscard]] std::optional<UnreadReason> WhyUnread(Partition partition);
  void Visit(const rd_kafka_message_t& message, Reading& reading);
  void Skip(const rd_kafka_message_t& message, std::string_view what);
  void Push(AnnouncementNews news);
  [[nodiscard]] bool HasRoom();
  [[nodiscard]] std::map<Partition, Epoch> Followed();
  /// Of one look-up; has passed if the thread must stop.
  [[nodiscard]] common::Deadline LookUpDeadline();

  const ClientSettings settings_;
  const std::chrono::seconds reach_;
  const common::ProviderTable& providers_;
  const common::Logger& log_;
  const Timing timing_;
  Pulse pulse_;
  EventFd wake_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_.
  std::map<Partition, Epoch> followed_;
  std::deque<AnnouncementNews> queue_;
  bool is_changed_ = false;

  // Confined to thread_.
  std::stop_token stop_;
  common::KeyedLogThrottle throttle_;
  RenewedReader reader_;
  Readings readings_;
  ReadingGoals goals_;
  common::LogThrottle unread_throttle_;
  int partitions_ = 0;  ///< Of the topic.
  common::Deadline check_due_;

  std::jthread thread_;  // Last: its destructor joins the thread that uses the members above.
};

}  // namespace consumer
