#include "consumer/kafka/renewed_reader.h"

#include <cstddef>

namespace consumer {
namespace {

/// rd_kafka_destroy() has no deadline.
constexpr std::size_t kMostLeaving = 4;

}  // namespace

common::Result<void> RenewedReader::Prepare() {
  if (reader_) return {};
  auto created = LogReader::Create(settings_, log_, role_);
  if (!created) return created.error();
  reader_ = *std::move(created);
  return {};
}

void RenewedReader::RenewIfSilent(Silence::Clock::time_point now) {
  if (!patience_.IsOver(reader_->silence(), now)) return;
  patience_.Renewed(now);
  Renew();
}

void RenewedReader::Renew() {
  if (retirement_.CountLeaving() >= kMostLeaving) return;
  auto fresh = LogReader::Create(settings_, log_, role_);
  if (!fresh) return;
  if (role_ == ReaderRole::kAnnouncements) {
    log_.Warn("expected.client_renewed");
  } else {
    log_.Warn("restore.client_renewed");
  }
  retirement_.Retire(std::exchange(reader_, *std::move(fresh)));
}

}  // namespace consumer
