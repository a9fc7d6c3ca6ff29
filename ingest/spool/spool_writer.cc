#include "ingest/spool/spool_writer.h"

#include <algorithm>
#include <utility>

#include "ingest/events.h"
#include "ingest/spool/replay.h"

namespace ingest {

SpoolWriter::SpoolWriter(SpoolDatabase::Options options, Events& events)
    : options_(std::move(options)), events_(events) {}

common::Result<SpoolHoldings> SpoolWriter::Open() {
  auto database = SpoolDatabase::Open(options_);
  if (!database) return database.error();
  auto holdings = (*database)->Count();
  if (!holdings) return holdings.error();
  last_sequence_ = holdings->last_sequence;
  database_ = *std::move(database);
  if (const auto settled = database_->SettleLog(); !settled) {
    Note(settled.error());
    state_ = State::kUncertain;
  } else {
    state_ = State::kGood;
  }
  return holdings;
}

bool SpoolWriter::Store(std::span<SpooledCallback> callbacks) {
  if (!is_writable()) return false;
  std::int64_t sequence = last_sequence_;
  for (SpooledCallback& callback : callbacks) callback.sequence = ++sequence;
  if (const auto stored = database_->Append(callbacks); !stored) {
    Note(stored.error());
    return false;
  }
  last_sequence_ = sequence;
  return true;
}

bool SpoolWriter::Remove(std::span<const std::int64_t> sequences) {
  if (!is_writable()) return false;
  if (const auto removed = database_->Remove(sequences); !removed) {
    // A disk that is full for this may still take a callback.
    if (removed.error().remedy != common::Remedy::kRetry) Note(removed.error());
    return false;
  }
  return true;
}

void SpoolWriter::ShortenLog() {
  if (!is_writable() || log_stays_long_) return;
  if (const auto shortened = database_->ShortenLog(); !shortened) {
    log_stays_long_ = true;
    // What was committed is synced all the same.
    if (shortened.error().remedy != common::Remedy::kRetry) Note(shortened.error());
  }
}

common::Result<std::vector<SpooledCallback>> SpoolWriter::ReadAfter(std::int64_t sequence) {
  if (!database_) return std::vector<SpooledCallback>();
  auto callbacks = database_->ReadAfter(sequence, Replay::kMaxRecords, Replay::kMaxBytes);
  if (!callbacks && callbacks.error().code == "damaged") {
    if (std::exchange(state_, State::kDamaged) != State::kDamaged) {
      events_.SpoolDamaged(callbacks.error().detail);
    }
  }
  return callbacks;
}

std::optional<common::WallTime> SpoolWriter::OldestReceivedAt() {
  if (!database_) return std::nullopt;
  const auto oldest = database_->OldestReceivedAt();
  return oldest ? *oldest : std::nullopt;
}

std::optional<SpoolHoldings> SpoolWriter::Maintain(std::span<const std::int64_t> to_remove) {
  switch (state_) {
    case State::kUncertain:
      return Reopen(to_remove);
    case State::kUnwritten:
      if (const auto probed = database_->Probe(); !probed) {
        Note(probed.error());
        return std::nullopt;
      }
      state_ = State::kGood;
      break;
    case State::kGood:
      break;
    case State::kDamaged:
      return std::nullopt;
  }
  if (std::exchange(log_stays_long_, false)) {
    if (const auto shortened = database_->ShortenLog(); !shortened) {
      log_stays_long_ = true;
      Note(shortened.error());
    }
  }
  return std::nullopt;
}

std::optional<SpoolHoldings> SpoolWriter::Reopen(std::span<const std::int64_t> to_remove) {
  database_.reset();
  auto database = SpoolDatabase::Open(options_);
  if (!database) {
    Note(database.error());
    return std::nullopt;
  }
  database_ = *std::move(database);
  if (const auto settled = database_->SettleLog(); !settled) {
    Note(settled.error());
    state_ = State::kUncertain;
    return std::nullopt;
  }
  if (const auto removed = database_->Remove(to_remove); !removed) {
    Note(removed.error());
    return std::nullopt;
  }
  auto holdings = database_->Count();
  if (!holdings) {
    Note(holdings.error());
    return std::nullopt;
  }
  last_sequence_ = std::max(last_sequence_, holdings->last_sequence);
  state_ = State::kGood;
  log_stays_long_ = false;
  return *std::move(holdings);
}

void SpoolWriter::Note(const common::Error& error) {
  events_.SpoolFailed(error.detail);
  if (state_ == State::kDamaged) return;
  const bool can_be_written_again = error.remedy == common::Remedy::kRetry;
  if (!can_be_written_again) {
    state_ = State::kUncertain;
  } else if (state_ == State::kGood) {
    state_ = State::kUnwritten;
  }
}

}  // namespace ingest
