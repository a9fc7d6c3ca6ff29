#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string_view>
#include <thread>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/trace_export/collector.h"
#include "common/tracing/export_policy.h"
#include "common/tracing/otlp_json.h"
#include "common/tracing/span.h"

namespace common::tracing {

/// Reports the fate of spans, for metrics and the log.
///
/// Threads: any.
class ExportEvents {
 public:
  virtual ~ExportEvents() = default;
  virtual void Exported(ExportResult result, std::size_t spans) = 0;
  /// An attempt failed; another one may follow. `status` 0: no answer.
  virtual void AttemptFailed(int status, std::string_view why) = 0;
  /// The collector took a batch, but said something about it.
  virtual void CollectorWarned(std::string_view why) = 0;
};

/// Sends spans to a collector in batches, on its own thread. Keeps a bounded number of them, and of
/// their bytes.
///
///   Offer ─► queue ─(a batch is full, or the delay is over)─► POST ─► sent | refused
///     └─ no room: all of them are dropped                      ▲ │
///                                                      backoff └─┘ too often: failed
///
/// Threads:  any.
/// Lifetime: collector and events must outlive it.
/// Errors:   without the memory to send a batch, that one has failed.
/// Time:     Offer() never blocks on the network. Stop() ends within `stop_within`, or when the
///           queue is empty.
class SpanExporter final : public SpanSink {
 public:
  struct Options {
    Resource resource{};
    std::size_t queue = 16'384;  ///< In spans.
    std::size_t queue_bytes = 16UL << 20U;
    std::size_t batch = 512;                 ///< In spans.
    std::size_t batch_bytes = 1UL << 20U;    ///< A longer span goes alone.
    std::chrono::milliseconds delay{1'000};  ///< How long spans wait for company.
    std::chrono::milliseconds stop_within{1'000};
    ExportRetry retry{};
  };
  struct Injected {
    std::function<WallTime()> wall_now = WallNow;
    std::function<double()> unit_random{};  ///< In [0, 1). Called on the exporter's thread.
  };

  SpanExporter(Options options, Collector& collector, ExportEvents& events, Injected injected);
  ~SpanExporter() override;

  void Offer(std::vector<Span> spans) override;
  /// Tries to send the queued spans, once. Drops spans that are offered afterwards.
  void Stop();

 private:
  struct Queue {
    std::deque<Span> spans;
    std::size_t bytes = 0;  ///< Of the spans.
    bool is_closed = false;
  };

  /// Both with the lock held. What is offered to an empty queue has room, so that a small one takes
  /// something.
  [[nodiscard]] bool HasRoom(std::size_t spans, std::size_t bytes) const;
  [[nodiscard]] bool HasBatch() const;
  void Run(const std::stop_token& stop);
  /// Into the batch, which stays empty if none has come within the delay.
  void AwaitBatch(const std::stop_token& stop);
  void Send(const std::stop_token& stop);
  /// True: nothing is left to do for the batch.
  bool Settle(const CollectorReply& reply, std::size_t spans);
  /// False: a stop was requested meanwhile.
  bool Wait(std::chrono::milliseconds duration, const std::stop_token& stop);

  const Options options_;
  Collector& collector_;
  ExportEvents& events_;
  const Injected injected_;
  std::mutex mutex_;
  std::condition_variable_any has_batch_;
  Queue queue_;              ///< Behind the mutex.
  std::vector<Span> batch_;  ///< The thread's. Has its memory from the start.
  std::jthread thread_;      // Last: its destructor joins the thread that uses the members above.
};

}  // namespace common::tracing
