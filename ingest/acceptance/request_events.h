#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "common/domain/provider_rules.h"
#include "ingest/policy/answer.h"

namespace ingest {

/// A protocol that a client speaks to the callback port instead of HTTP/1.
enum class WrongProtocol { kTls, kHttp2, kProxyProtocol };

/// Reports the outcomes of requests and the behaviour of clients.
///
/// Threads: any.
class RequestEvents {
 public:
  using Duration = std::chrono::steady_clock::duration;

  virtual ~RequestEvents() = default;

  /// `since_head` is zero if the answer was given before a head was read.
  virtual void Answered(common::ProviderTable::Index row, Situation situation, int status,
                        Duration since_head) = 0;
  /// The client of an admitted request left before it had an answer. The callback may be stored all
  /// the same, and its answer reported.
  virtual void ClientLeft(common::ProviderTable::Index row) = 0;
  virtual void InFlight(std::size_t requests) = 0;
  /// The first request of a shedding episode was refused, under this load.
  virtual void LoadIsShed(std::size_t requests, std::size_t bytes) = 0;
  /// The shedding episode is over.
  virtual void LoadIsNormal(std::uint64_t refused, Duration lasted) = 0;
  /// A client speaks another protocol to the callback port. Logged at most once a minute.
  virtual void WrongProtocolReceived(WrongProtocol protocol) = 0;
  /// An idle connection was closed to make room for a new one. Logged at most once in ten seconds.
  virtual void ConnectionEvicted() = 0;
  /// An outcome arrived after the deadline had answered its request.
  virtual void ReportCameLate(bool is_stored) = 0;
};

}  // namespace ingest
