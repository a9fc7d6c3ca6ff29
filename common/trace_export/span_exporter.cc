#include "common/trace_export/span_exporter.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <new>
#include <numeric>
#include <utility>

#include "common/base/retry_after.h"

namespace common::tracing {
namespace {

std::size_t BytesOf(const std::vector<Span>& spans) {
  return std::transform_reduce(spans.begin(), spans.end(), std::size_t{0}, std::plus<>(), SizeOf);
}

std::vector<Span> RoomFor(std::size_t spans) {
  std::vector<Span> room;
  room.reserve(spans);
  return room;
}

}  // namespace

SpanExporter::SpanExporter(Options options, Collector& collector, ExportEvents& events,
                           Injected injected)
    : options_(std::move(options)),
      collector_(collector),
      events_(events),
      injected_(std::move(injected)),
      batch_(RoomFor(options_.batch)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

SpanExporter::~SpanExporter() { Stop(); }

void SpanExporter::Offer(std::vector<Span> spans) {
  const std::size_t bytes = BytesOf(spans);
  bool is_taken = false;
  bool is_batch = false;
  {
    const std::lock_guard lock(mutex_);
    const bool had_batch = HasBatch();
    is_taken = HasRoom(spans.size(), bytes);
    if (is_taken) {
      queue_.spans.insert(queue_.spans.end(), std::make_move_iterator(spans.begin()),
                          std::make_move_iterator(spans.end()));
      queue_.bytes += bytes;
    }
    is_batch = !had_batch && HasBatch();
  }
  if (is_batch) has_batch_.notify_one();
  if (!is_taken) events_.Exported(ExportResult::kDropped, spans.size());
}

bool SpanExporter::HasRoom(std::size_t spans, std::size_t bytes) const {
  if (queue_.is_closed) return false;
  if (queue_.spans.empty()) return true;
  return queue_.spans.size() + spans <= options_.queue &&
         queue_.bytes + bytes <= options_.queue_bytes;
}

bool SpanExporter::HasBatch() const {
  return queue_.spans.size() >= options_.batch || queue_.bytes >= options_.batch_bytes;
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
    AwaitBatch(stop);
    if (batch_.empty() && stop.stop_requested()) return;
    try {
      if (!batch_.empty()) Send(stop);
    } catch (const std::bad_alloc&) {
      // Losing spans must not end the program.
      events_.Exported(ExportResult::kFailed, batch_.size());
    }
    batch_.clear();
  }
}

void SpanExporter::AwaitBatch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  has_batch_.wait_for(lock, stop, options_.delay, [this] { return HasBatch(); });
  std::size_t bytes = 0;
  while (!queue_.spans.empty() && batch_.size() < options_.batch) {
    const std::size_t longer = bytes + SizeOf(queue_.spans.front());
    if (!batch_.empty() && longer > options_.batch_bytes) break;
    bytes = longer;
    batch_.push_back(std::move(queue_.spans.front()));
    queue_.spans.pop_front();
  }
  queue_.bytes -= bytes;
}

/// Whatever throws does so before the spans are counted.
void SpanExporter::Send(const std::stop_token& stop) {
  const std::string body = EncodeOtlp(options_.resource, batch_);
  for (int failed = 1;; ++failed) {
    const CollectorReply reply = collector_.Post(body);
    if (Settle(reply, batch_.size())) return;
    const auto retry_after = reply.retry_after
                                 ? ParseRetryAfter(*reply.retry_after, injected_.wall_now())
                                 : std::nullopt;
    const auto wait = options_.retry.Wait(failed, retry_after, injected_.unit_random());
    if (!wait || !Wait(*wait, stop)) {
      return events_.Exported(ExportResult::kFailed, batch_.size());
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
  if (!partial.why.empty()) events_.CollectorWarned(partial.why);
  const std::size_t refused = std::min(static_cast<std::size_t>(partial.rejected), spans);
  if (refused > 0) events_.Exported(ExportResult::kRefused, refused);
  if (refused < spans) events_.Exported(ExportResult::kSent, spans - refused);
  return true;
}

bool SpanExporter::Wait(std::chrono::milliseconds duration, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  has_batch_.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace common::tracing
