#include "ops/ctl/raise/baggage.h"

#include <utility>

#include "common/domain/key_partition.h"
#include "common/domain/marker.h"
#include "ops/ctl/kafka/record_producer.h"
#include "ops/ctl/shell/progress.h"
#include "ops/ctl/shell/stoppable_wait.h"

namespace ctl {
namespace {

using common::Result;
using common::WallTime;

std::optional<common::CopyOrigin> OriginOf(const ScannedRecord& record) {
  const auto text = record.Header(std::string(common::kCopiedFromHeader));
  return text ? common::ReadCopyOrigin(*text) : std::nullopt;
}

}  // namespace

Baggage::Baggage(const ClusterSettings& settings, Output& output, std::string topic, CopyOf what,
                 std::stop_token stop)
    : settings_(settings),
      output_(output),
      topic_(std::move(topic)),
      what_(what),
      stop_(std::move(stop)) {}

Result<std::unique_ptr<Baggage>> Baggage::Open(const ClusterSettings& settings, Output& output,
                                               std::string topic, CopyOf what,
                                               std::stop_token stop) {
  auto scan = TopicScan::Open(settings, topic);
  if (!scan) return scan.error();
  std::unique_ptr<Baggage> opened(
      new Baggage(settings, output, std::move(topic), what, std::move(stop)));
  opened->scan_ = *std::move(scan);
  return opened;
}

Result<void> Baggage::Read(WallTime from, const RaisePlan& plan) {
  auto extents = scan_->Find({.from = from});
  if (!extents) return extents.error();
  extents_ = *std::move(extents);
  partitions_ = plan.to;
  moves_.emplace(plan.from, plan.to, extents_);
  return VisitAll([&](const ScannedRecord& record) {
    moves_->Note({.partition = record.partition(),
                  .offset = record.offset(),
                  .time = record.time(),
                  .hash = HashOf(record),
                  .copy_of = OriginOf(record)});
    return true;
  });
}

RaiseOutcome::Sum Baggage::sum() const {
  return moves_ ? RaiseOutcome::Sum{moves_->all(), moves_->to_copy()} : RaiseOutcome::Sum{};
}

/// None: nobody knows where it belongs.
std::optional<std::uint32_t> Baggage::HashOf(const ScannedRecord& record) const {
  if (what_ == CopyOf::kMarker) {
    const auto text = record.Header(std::string(common::kKeyHashHeader));
    return text ? common::ReadHashText(*text) : std::nullopt;
  }
  if (record.key().empty()) return std::nullopt;
  return common::Murmur2(record.key());
}

Result<void> Baggage::VisitAll(const Visit& visit) {
  Progress progress(output_, topic_);
  const auto read = scan_->Read(
      {.extents = extents_,
       .visit = visit,
       .progress = [&](std::int64_t done, std::int64_t total) { progress.Show(done, total); },
       .stop = stop_});
  if (!read) return read.error();
  if (*read == TopicScan::Ended::kByStop) return Interrupted();
  return {};
}

Result<std::int64_t> Baggage::Copy(std::optional<WallTime> oldest) {
  if (sum().to_copy == 0) return std::int64_t{0};
  auto producer = RecordProducer::Open(settings_, topic_, stop_);
  if (!producer) return producer.error();
  std::optional<common::Error> failed;
  const Result<void> read = VisitAll([&](const ScannedRecord& record) {
    const auto target = moves_->TargetOf(record.partition(), record.offset(), HashOf(record));
    if (!target) return true;
    const auto timestamp =
        what_ == CopyOf::kMarker
            ? std::optional(TimestampOfCopy(record.time(), oldest, common::WallNow()))
            : std::nullopt;
    const common::RecordHeaders headers = HeadersOfCopy(
        record.headers(), record.time(), what_,
        {.partition = record.partition(), .offset = record.offset(), .partitions = partitions_});
    const Result<void> sent =
        producer.value()->Send({.place = {record.partition(), record.offset()},
                                .partition = *target,
                                .key = record.key(),
                                .value = record.value_or_null(),
                                .timestamp = timestamp,
                                .headers = headers});
    if (!sent) failed = sent.error();
    return sent.has_value() && producer.value()->failed() == 0;
  });
  producer.value()->Finish();
  if (!read) return read.error();
  if (failed) return *failed;
  if (const auto why = producer.value()->WhyFailed()) return *why;
  return producer.value()->stored();
}

}  // namespace ctl
