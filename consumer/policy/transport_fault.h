#pragma once

namespace consumer {

/// Why there is no complete answer.
enum class TransportFault {
  kNone,
  kConnect,   ///< No connection: refused, unreachable, not in time.
  kTimeout,   ///< Not complete within the request's timeout.
  kTls,       ///< Handshake or certificate.
  kDns,       ///< The name has no address.
  kBroken,    ///< Ended early, or no HTTP.
  kTooLarge,  ///< More than max_response; nothing is wrong with the connection.
};

}  // namespace consumer
