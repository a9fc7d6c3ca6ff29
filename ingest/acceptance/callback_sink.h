#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "common/domain/callback_record.h"

namespace ingest {

/// Names a callback until it is durable. Plain data, so libraries and other threads can carry it.
/// Once the request is answered, the number is stale.
using CallbackNumber = std::uint64_t;

enum class StorageOutcome {
  kStored,       ///< Survives any failure of this machine or of one broker.
  kSpooled,      ///< Synced to this machine's disk; Kafka gets it later.
  kUnavailable,  ///< Not known to be stored. It may be stored; a redelivery is harmless.
  kRefused,      ///< Not stored: Kafka accepts other records, but never this one.
};

struct StorageReport {
  CallbackNumber number = 0;
  StorageOutcome outcome = StorageOutcome::kUnavailable;
  std::string_view reason{};  ///< The error's name, a literal. Empty if stored.
  /// The broker refused a batch. Another record of the batch may be the cause.
  bool is_of_batch = false;
};

/// Receives the outcome of each callback that a sink has taken.
///
/// Threads: any, several concurrently.
class StorageListener {
 public:
  virtual ~StorageListener() = default;
  virtual void OnReports(std::span<const StorageReport> reports) = 0;
};

/// Each value requires a different reaction. A report follows only after kTaken.
enum class Offered {
  kTaken,    ///< One report follows, possibly before Offer() returns.
  kAway,     ///< Nothing can be taken at present: retry later.
  kRefused,  ///< This callback will never be taken; others will.
  kFull,     ///< No room at present: retry once some is free.
};

/// Makes callbacks durable.
///
/// Threads: any.
/// Time:    never blocks.
class CallbackSink {
 public:
  virtual ~CallbackSink() = default;
  [[nodiscard]] virtual Offered Offer(CallbackNumber number, common::Envelope envelope) = 0;
};

}  // namespace ingest
