#include "ops/ctl/status/status_dead.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "common/domain/record_headers.h"

namespace ctl {
namespace {

using common::Result;
using common::WallTime;
using std::chrono::hours;
using std::chrono::milliseconds;

constexpr std::int64_t kMostLetters = 50'000;
constexpr milliseconds kPatienceWithLetters{1'500};

}  // namespace

Result<void> DeadWatch::Begin(const Extents& extents, WallTime now) {
  read_ = extents;
  is_exact_ = SizeOf(extents) <= kMostLetters;
  Result<Extents> hour = is_exact_ ? extents : scan_->Find({.from = now - hours(1)});
  if (!hour) return hour.error();
  const std::int64_t most = kMostLetters / std::max<std::int64_t>(1, std::ssize(*hour));
  for (auto& [partition, extent] : *hour) {
    const common::Offset from = is_exact_ ? extent.from : std::max(extent.from, extent.to - most);
    read_[partition] = {extents.at(partition).from, from};
  }
  return {};
}

Result<DeadFacts> DeadWatch::Look(WallTime now, const std::stop_token& stop) {
  const Result<Extents> whole = scan_->Find({});
  if (!whole) return whole.error();
  if (read_.empty()) {
    if (const auto begun = Begin(*whole, now); !begun) return begun.error();
  }
  Extents rest;
  for (const auto& [partition, extent] : *whole) {
    rest[partition] = {std::max(extent.from, read_[partition].to), extent.to};
  }
  const auto visit = [&](const ScannedRecord& record) {
    ++total_;
    read_[record.partition()].to = record.offset() + 1;
    const auto headers = record.headers();
    const auto reason = common::LastHeader(headers, common::header::kDeadReason);
    recent_.emplace_back(record.time(), reason.value_or("unknown"));
    return true;
  };
  const auto read = scan_->Read(
      {.extents = rest, .visit = visit, .stop = stop, .patience = kPatienceWithLetters});
  // Unread letters are read the next time.
  const bool is_read = read && *read == TopicScan::Ended::kAtEnd;
  for (const auto& [partition, extent] : rest) {
    if (is_read) read_[partition].to = extent.to;
  }
  std::erase_if(recent_, [&](const auto& letter) { return letter.first < now - hours(1); });

  DeadFacts facts;
  facts.is_exact = is_exact_ && is_read;
  facts.total = facts.is_exact ? total_ : SizeOf(*whole);
  for (const auto& [time, reason] : recent_) ++facts.last_hour[reason];
  return facts;
}

}  // namespace ctl
