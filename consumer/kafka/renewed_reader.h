#pragma once

#include <memory>
#include <utility>

#include "common/base/result.h"
#include "common/telemetry/log.h"
#include "consumer/kafka/client_settings.h"
#include "consumer/kafka/log_reader.h"
#include "consumer/kafka/retirement.h"
#include "consumer/kafka/silence.h"

namespace consumer {

/// A LogReader that is replaced once its calls keep failing: a client of librdkafka can go on
/// failing where a new one gets an answer at once. During an outage of Kafka it is replaced, too:
/// after 10 s, then after twice as long each time, up to a minute.
///
/// Threads:  confined to one.
/// Lifetime: the arguments of the constructor must outlive it.
class RenewedReader {
 public:
  RenewedReader(const ClientSettings& settings, const common::Logger& log,
                std::unique_ptr<LogReader> reader = nullptr,
                ReaderRole role = ReaderRole::kRestorer)
      : settings_(settings), log_(log), role_(role), reader_(std::move(reader)) {}

  /// Makes one if there is none.
  /// Errors: kStop, with librdkafka's message.
  common::Result<void> Prepare();
  /// Precondition: Prepare() has succeeded. Valid until the next call of a function that renews.
  [[nodiscard]] LogReader& operator*() const { return *reader_; }
  [[nodiscard]] LogReader* operator->() const { return reader_.get(); }

  /// Replaces it if its calls have failed for too long.
  void RenewIfSilent(Silence::Clock::time_point now = Silence::Clock::now());
  /// Keeps the present one if no new one can be made, or if too many earlier ones have not ended.
  void Renew();

 private:
  const ClientSettings& settings_;
  const common::Logger& log_;
  const ReaderRole role_;
  RenewalPatience patience_;
  Retirement retirement_;
  std::unique_ptr<LogReader> reader_;
};

}  // namespace consumer
