#pragma once

#include <cstdint>
#include <optional>
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

  /// A callback that was taken and waits for a disk that hangs.
  struct Stalled {
    std::uint64_t ticket = 0;
    CallbackNumber number = 0;
    common::Envelope envelope;
  };
  /// The oldest one that was not handed over yet. It goes on waiting here, too.
  [[nodiscard]] virtual std::optional<Stalled> FindStalled() const = 0;
  /// Somebody else has taken that one, and all before it: the spool reports them only once they are
  /// on disk.
  virtual void HandedOver(std::uint64_t ticket) = 0;
};

}  // namespace ingest
