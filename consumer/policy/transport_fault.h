#pragma once

namespace consumer {

/// Why there is no complete answer.
enum class TransportFault {
  kNone,
  kConnect,   ///< No connection: refused, unreachable.
  kTimeout,   ///< No connection, or no complete answer, in time.
  kTls,       ///< Handshake or certificate.
  kDns,       ///< The name has no address.
  kBroken,    ///< Ended early, or no HTTP.
  kTooLarge,  ///< More than max_response; nothing is wrong with the connection.
  kNoRoom,    ///< The answers under way hold all the memory that they may have.
};

}  // namespace consumer
