#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "ingest/acceptance/callback_sink.h"

namespace ingest {

/// Stores callbacks on disk until Kafka has them. Like a sink, it reports `spooled` once a callback
/// is on disk.
///
/// Threads: any.
/// Time:    never blocks.
class Spool {
 public:
  virtual ~Spool() = default;

  /// Looks for room and takes it in one step. Moves from the envelope only if it returns kTaken: a
  /// callback without room here may still go to Kafka.
  [[nodiscard]] virtual Offered Offer(CallbackNumber number, common::Envelope&& envelope) = 0;
  /// For a callback that no other sink takes. Also takes it while the disk hangs or fails: it then
  /// waits for the disk, and the sender's deadline says how long.
  [[nodiscard]] virtual Offered OfferAsLastResort(CallbackNumber number,
                                                  common::Envelope&& envelope) = 0;

  /// True if there is room, for readiness. Offer() may find none a moment later.
  [[nodiscard]] virtual bool HasRoom() const = 0;

  /// True if callbacks of this provider's row wait, so that a newer one would overtake them.
  [[nodiscard]] virtual bool Holds(std::string_view provider) const = 0;

  /// Reports on callbacks that the spool itself has offered to Kafka.
  virtual void OnReplayReports(std::span<const StorageReport> reports) = 0;

  /// An accepted callback that waits long for the disk, or for one that fails.
  struct Stalled {
    std::uint64_t ticket = 0;
    CallbackNumber number = 0;
    common::Envelope envelope;
  };
  /// The oldest one that was not handed over yet. It keeps waiting here, too.
  [[nodiscard]] virtual std::optional<Stalled> FindStalled() const = 0;
  /// Another sink has accepted this one and all before it. The spool then reports them only if they
  /// are on disk.
  virtual void HandedOver(std::uint64_t ticket) = 0;
};

}  // namespace ingest
