#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "common/domain/provider_rules.h"
#include "ingest/policy/answer.h"

namespace ingest {

/// What is spoken to the port of callbacks instead of HTTP/1.
enum class WrongProtocol { kTls, kHttp2, kProxyProtocol };

/// Reports what becomes of requests, and who speaks to the port.
///
/// Threads: any.
class RequestEvents {
 public:
  using Duration = std::chrono::steady_clock::duration;

  virtual ~RequestEvents() = default;

  /// `since_head` is zero for what was answered before a head was read.
  virtual void Answered(common::ProviderTable::Index row, Situation situation, int status,
                        Duration since_head) = 0;
  virtual void InFlight(std::size_t requests) = 0;
  /// The first request of an episode of shedding was refused, under that load.
  virtual void LoadIsShed(std::size_t requests, std::size_t bytes) = 0;
  /// It is over.
  virtual void LoadIsNormal(std::uint64_t refused, Duration lasted) = 0;
  /// Somebody speaks another protocol to the port of callbacks. Logged at most once a minute.
  virtual void SpokenToWrongly(WrongProtocol protocol) = 0;
  /// An idle connection made room for another one. Logged at most once in ten seconds.
  virtual void ConnectionEvicted() = 0;
  /// An outcome for a request that its deadline had answered.
  virtual void ReportCameLate(bool is_stored) = 0;
};

}  // namespace ingest
