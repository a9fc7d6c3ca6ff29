#include "ingest/spool/replay.h"

#include <string_view>
#include <utility>

namespace ingest {
namespace {

/// With more keys than this sitting out, Kafka as a whole is in trouble.
constexpr std::size_t kManyFailedKeys = 1000;

}  // namespace

Replay::Replay(CallbackSink& kafka, Read read) : kafka_(kafka), read_(std::move(read)) {}

common::Result<std::size_t> Replay::Begin(TimePoint now) {
  const auto callbacks = read_(walked_to_);
  if (!callbacks) {
    StartOver(now + kRest);
    return callbacks.error();
  }
  if (callbacks->empty()) {
    StartOver(now + kRest);
  } else {
    Send(*callbacks, now);
  }
  return wave_.size();
}

void Replay::Send(const std::vector<SpooledCallback>& callbacks, TimePoint now) {
  wave_number_ = (wave_number_ + 1) & 0xFFFFU;
  std::unordered_set<std::string_view> keys;
  for (const SpooledCallback& callback : callbacks) {
    const common::Envelope& envelope = callback.envelope;
    const bool sits_out =
        not_yet_removed_.contains(callback.sequence) || failed_keys_.contains(envelope.key);
    if (!sits_out) {
      if (!keys.insert(envelope.key).second) return;
      const CallbackNumber number =
          (CallbackNumber{wave_number_} << 16U) | static_cast<CallbackNumber>(wave_.size());
      if (kafka_.Offer(number, envelope) == Offered::kUnavailable) {
        if (wave_.empty()) StartOver(now + kRest);
        return;
      }
      wave_.push_back({.callback = {.sequence = callback.sequence,
                                    .provider = envelope.provider,
                                    .size = callback.size},
                       .key = envelope.key});
      ++open_;
      patience_over_ = now + kPatience;
    }
    walked_to_ = callback.sequence;
  }
}

void Replay::OnReports(std::span<const StorageReport> reports) {
  for (const StorageReport& report : reports) {
    const std::size_t position = report.number & 0xFFFFU;
    if (report.number >> 16U != wave_number_ || position >= wave_.size()) continue;
    if (wave_[position].outcome) continue;
    wave_[position].outcome = report.outcome;
    --open_;
  }
}

std::optional<Replay::Wave> Replay::TakeEnded(TimePoint now) {
  if (wave_.empty() || (open_ > 0 && now < patience_over_)) return std::nullopt;
  Wave ended;
  for (Sent& sent : wave_) {
    if (sent.outcome == StorageOutcome::kStored) {
      not_yet_removed_.insert(sent.callback.sequence);
      ended.acknowledged.push_back(std::move(sent.callback));
    } else {
      failed_keys_.insert(std::move(sent.key));
      ++ended.failed;
    }
  }
  wave_.clear();
  open_ = 0;
  next_turn_ = now;
  if (ended.acknowledged.empty() || failed_keys_.size() > kManyFailedKeys) StartOver(now + kRest);
  return ended;
}

void Replay::Removed(std::span<const std::int64_t> sequences) {
  for (const std::int64_t sequence : sequences) not_yet_removed_.erase(sequence);
}

void Replay::StartOver(TimePoint at) {
  walked_to_ = 0;
  failed_keys_.clear();
  next_turn_ = at;
}

}  // namespace ingest
