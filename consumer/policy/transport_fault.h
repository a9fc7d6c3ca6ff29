#pragma once

namespace consumer {

/// Why an answer is missing or incomplete.
enum class TransportFault {
  kNone,
  kConnect,   ///< No connection: refused, unreachable.
  kTimeout,   ///< No connection, or no complete answer, in time.
  kTls,       ///< Handshake or certificate.
  kDns,       ///< The name does not resolve.
  kBroken,    ///< Ended early, or not HTTP.
  kTooLarge,  ///< More than max_response; nothing is wrong with the connection.
  kNoRoom,    ///< The answers in flight use all the memory reserved for them.
};

}  // namespace consumer
