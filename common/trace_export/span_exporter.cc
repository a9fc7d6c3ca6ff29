#include "common/trace_export/span_exporter.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/base/retry_after.h"

namespace common::tracing {

SpanExporter::SpanExporter(Options options, Collector& collector, ExportEvents& events,
                           Injected injected)
    : options_(std::move(options)),
      collector_(collector),
      events_(events),
      injected_(std::move(injected)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

SpanExporter::~SpanExporter() { Stop(); }

void SpanExporter::Offer(std::vector<Span> spans) {
  std::size_t taken = 0;
  bool is_batch = false;
  {
    const std::lock_guard lock(mutex_);
    const std::size_t before = queue_.spans.size();
    const std::size_t room = options_.queue - std::min(options_.queue, before);
    taken = queue_.is_closed ? 0 : std::min(room, spans.size());
    const auto end = std::next(spans.begin(), static_cast<std::ptrdiff_t>(taken));
    queue_.spans.insert(queue_.spans.end(), std::make_move_iterator(spans.begin()),
                        std::make_move_iterator(end));
    is_batch = before < options_.batch && before + taken >= options_.batch;
  }
  if (is_batch) has_batch_.notify_one();
  if (taken < spans.size()) events_.Exported(ExportResult::kDropped, spans.size() - taken);
}

void SpanExporter::Stop() {
  {
    const std::lock_guard lock(mutex_);
    queue_.is_closed = true;
  }
  if (!thread_.joinable()) return;
  collector_.EndBy(Deadline::After(options_.stop_within));
  thread_.request_stop();
  thread_.join();
}

void SpanExporter::Run(const std::stop_token& stop) {
  while (true) {
    const std::vector<Span> batch = Take(stop);
    if (!batch.empty()) {
      Send(batch, stop);
    } else if (stop.stop_requested()) {
      return;
    }
  }
}

/// Empty: none has come within the delay.
std::vector<Span> SpanExporter::Take(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  has_batch_.wait_for(lock, stop, options_.delay,
                      [this] { return queue_.spans.size() >= options_.batch; });
  const auto count = static_cast<std::ptrdiff_t>(std::min(options_.batch, queue_.spans.size()));
  const auto end = std::next(queue_.spans.begin(), count);
  std::vector<Span> batch(std::make_move_iterator(queue_.spans.begin()),
                          std::make_move_iterator(end));
  queue_.spans.erase(queue_.spans.begin(), end);
  return batch;
}

void SpanExporter::Send(const std::vector<Span>& batch, const std::stop_token& stop) {
  const std::string body = EncodeOtlp(options_.resource, batch);
  for (int failed = 1;; ++failed) {
    const CollectorReply reply = collector_.Post(body);
    if (Settle(reply, batch.size())) return;
    const auto retry_after = reply.retry_after
                                 ? ParseRetryAfter(*reply.retry_after, injected_.wall_now())
                                 : std::nullopt;
    const auto wait = options_.retry.Wait(failed, retry_after, injected_.unit_random());
    if (!wait || !Wait(*wait, stop)) {
      return events_.Exported(ExportResult::kFailed, batch.size());
    }
  }
}

bool SpanExporter::Settle(const CollectorReply& reply, std::size_t spans) {
  const ExportVerdict verdict = JudgeExport(reply.status);
  if (verdict != ExportVerdict::kSent) {
    events_.AttemptFailed(reply.status, reply.error);
    if (verdict == ExportVerdict::kRetry) return false;
    events_.Exported(ExportResult::kRefused, spans);
    return true;
  }
  const PartialSuccess partial = ReadPartialSuccess(reply.body);
  const std::size_t refused = std::min(static_cast<std::size_t>(partial.rejected), spans);
  if (refused > 0) events_.Exported(ExportResult::kRefused, refused);
  if (refused < spans) events_.Exported(ExportResult::kSent, spans - refused);
  if (!partial.why.empty()) events_.CollectorWarned(partial.why);
  return true;
}

bool SpanExporter::Wait(std::chrono::milliseconds duration, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  has_batch_.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace common::tracing
