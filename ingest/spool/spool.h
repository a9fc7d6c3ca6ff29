#pragma once

#include <span>
#include <string_view>

#include "ingest/acceptance/callback_sink.h"

namespace ingest {

/// Where callbacks wait for Kafka. As a sink it reports `spooled` once a callback is on disk.
///
/// Threads: any. Time: never blocks.
class Spool : public CallbackSink {
 public:
  /// Whether Offer() would take a callback just now.
  [[nodiscard]] virtual bool HasRoom() const = 0;

  /// Whether callbacks of that provider wait, so that newer ones would overtake them.
  [[nodiscard]] virtual bool Holds(std::string_view provider) const = 0;

  /// What became of callbacks that the spool itself has offered to Kafka.
  virtual void OnReplayReports(std::span<const StorageReport> reports) = 0;
};

}  // namespace ingest
