#pragma once

#include <prometheus/registry.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/fd.h"
#include "common/base/guarded.h"
#include "common/base/result.h"
#include "common/http/server.h"
#include "common/telemetry/log.h"
#include "ingest/acceptance/acceptance.h"
#include "ingest/acceptance/callback_sink.h"
#include "ingest/config.h"
#include "ingest/events.h"
#include "ingest/instance/durability.h"
#include "ingest/instance/instance.h"
#include "ingest/policy/readiness.h"
#include "ingest/policy/shedding.h"

namespace ingest {

/// Accepts every callback. Reports nothing until the test asks for it.
class BlockedDurability final : public Durability, public CallbackSink {
 public:
  struct Faults {
    bool has_stuck_disk = false;  ///< A thread still waits for the disk after Close().
    bool hangs_at_close = false;  ///< Close() does not return.
    bool hangs_at_end = false;    ///< Its destructor does not return.
    bool is_stopped = false;      ///< The process gets SIGTERM at the first contact with Kafka.
  };

  BlockedDurability() = default;
  explicit BlockedDurability(const Faults& faults) : faults_(faults) {}
  ~BlockedDurability() override;

  Offered Offer(CallbackNumber number, common::Envelope envelope) override;

  /// Until the next call with false, the threads that offer callbacks stand still.
  void HoldOffers(bool holds) {
    holds_offers_ = holds;
    holds_offers_.notify_all();
  }
  /// The same for the thread of the deadlines.
  void HoldTicks(bool holds) {
    holds_ticks_ = holds;
    holds_ticks_.notify_all();
  }
  void SetKafka(bool is_there) { has_kafka_ = is_there; }
  /// Reports all waiting callbacks as stored.
  void ReleaseAll();
  [[nodiscard]] std::size_t offers() const;

  [[nodiscard]] CallbackSink& sink() override { return *this; }
  common::Result<void> Start(StorageListener& listener) override;
  [[nodiscard]] const common::Fd& report_event() const override { return no_event_; }
  void PollReports() override {}
  void PassTime(std::chrono::steady_clock::time_point /*now*/) override { holds_ticks_.wait(true); }
  [[nodiscard]] bool AwaitFirstContact(common::Deadline deadline,
                                       const std::stop_token& stop) override;
  [[nodiscard]] DurabilityHealth health() const override { return {.takes_kafka = has_kafka_}; }
  [[nodiscard]] std::chrono::milliseconds TimeWithoutKafka(const Load& /*waiting*/) const override {
    return {};
  }
  void GiveUpOnKafka() override {}
  Closing Close(common::Deadline deadline) override;

 private:
  struct State {
    std::vector<CallbackNumber> waiting;
    std::size_t offers = 0;
  };
  const Faults faults_{};
  std::atomic<bool> holds_offers_ = false;
  std::atomic<bool> holds_ticks_ = false;
  std::atomic<bool> has_kafka_ = true;
  const common::Fd no_event_;
  StorageListener* listener_ = nullptr;
  common::Guarded<State> state_;
};

/// ingest in this process, on a free loopback port. The test decides when callbacks become durable.
/// Secrets are "onfido-secret" and so on; connect is open.
class BlockedIngest {
 public:
  struct Options {
    LoadBounds bounds;
    std::size_t max_body = std::size_t{1024} * 1024;
    std::chrono::milliseconds ack_deadline{60'000};
    std::chrono::milliseconds body_timeout{60'000};
    std::chrono::milliseconds answer_deadline{120'000};
    std::chrono::milliseconds drain_delay{3'000};
    std::uint16_t admin_port = 0;
    BlockedDurability::Faults faults{};
    bool has_stuck_traces = false;  ///< Their exporter does not end.
  };

  explicit BlockedIngest(const Options& options);
  /// Runs like the program, until a signal. Returns the exit status.
  static int Run(const Options& options);

  [[nodiscard]] std::uint16_t port() const { return instance_->server().port(); }
  [[nodiscard]] common::http::Server& server() { return instance_->server(); }
  [[nodiscard]] BlockedDurability& sink() { return durability_; }
  [[nodiscard]] Instance& instance() { return *instance_; }
  [[nodiscard]] Acceptance& acceptance() { return instance_->acceptance(); }
  [[nodiscard]] std::string Log() const;
  [[nodiscard]] std::string Metrics() const;

  /// Reports requests in flight as stored, until none is left.
  void StoreAll();

  /// True if this many requests get in flight within some seconds. The sink may not have them all
  /// yet.
  [[nodiscard]] bool WaitUntilInFlight(std::size_t requests) const;

 private:
  const Config config_;
  common::Guarded<std::string> lines_;
  common::Logger log_;
  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  Events events_;
  BlockedDurability durability_;
  std::unique_ptr<Instance> instance_;
};

}  // namespace ingest
