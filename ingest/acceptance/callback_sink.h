#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "common/domain/callback_record.h"

namespace ingest {

/// Names one callback on its way to durability. Plain data: it travels through libraries and other
/// threads, and once the request is answered it names nothing any more.
using CallbackNumber = std::uint64_t;

enum class StorageOutcome {
  kStored,       ///< Survives whatever happens to this machine or to one broker.
  kSpooled,      ///< On this machine's disk, synced; Kafka gets it later.
  kUnavailable,  ///< Not known to be stored. It may be all the same: a redelivery is harmless.
  kRefused,      ///< Not stored, and never will be as things are: Kafka takes others, but not it.
};

struct StorageReport {
  CallbackNumber number = 0;
  StorageOutcome outcome = StorageOutcome::kUnavailable;
  std::string_view reason{};  ///< A literal: the error's name. Empty if it is stored.
  /// The verdict is about a batch. Another record in it may be the one at fault.
  bool is_of_batch = false;
};

/// Hears what became of the callbacks that a sink has taken.
///
/// Threads: any, and several at the same time.
class StorageListener {
 public:
  virtual ~StorageListener() = default;
  virtual void OnReports(std::span<const StorageReport> reports) = 0;
};

/// Each needs a reaction of its own. Only after kTaken does a report follow.
enum class Offered {
  kTaken,    ///< One report follows. It may come before Offer() has returned.
  kAway,     ///< Nothing is taken at present, whatever it is: try later.
  kRefused,  ///< This callback is never taken; others are.
  kFull,     ///< There is no room at present: try again once some of it is free.
};

/// Where callbacks become durable.
///
/// Threads: any. Time: never blocks.
class CallbackSink {
 public:
  virtual ~CallbackSink() = default;
  [[nodiscard]] virtual Offered Offer(CallbackNumber number, common::Envelope envelope) = 0;
};

}  // namespace ingest
