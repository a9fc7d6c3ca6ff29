#pragma once

#include <cstdint>
#include <string>

#include "common/base/fd.h"
#include "common/base/result.h"

namespace common::http {

/// Whether several sockets of this process share the port.
enum class PortSharing { kAlone, kShared };

/// A bound socket that does not listen yet, so that clients are refused: non-blocking, TCP_NODELAY.
/// `host` is an address, `::` takes IPv4 too.
///
/// Errors: kStop.
Result<Fd> Bind(const std::string& host, std::uint16_t port, PortSharing sharing);

/// With a backlog of 4096.
///
/// Errors: kStop.
Result<void> Listen(const Fd& socket);

/// Whether nobody listens there yet. A shared port would be joined without a word, even that of
/// another process.
///
/// Errors: kStop.
Result<void> CheckPortIsFree(const std::string& host, std::uint16_t port);

[[nodiscard]] std::uint16_t PortOf(const Fd& listener);

enum class AcceptOutcome {
  kAccepted,
  kNothing,     ///< The queue is empty.
  kRetry,       ///< This connection was gone already; there may be more.
  kNoResource,  ///< Out of descriptors or memory.
};

struct Accepted {
  AcceptOutcome outcome = AcceptOutcome::kNothing;
  Fd socket;
};

Accepted Accept(const Fd& listener);

}  // namespace common::http
