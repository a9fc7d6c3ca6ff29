#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "consumer/fetch/account.h"
#include "consumer/policy/transport_fault.h"

namespace consumer {

struct HttpRequest {
  std::uint64_t id = 0;  ///< Chosen by the caller, unique among the requests in flight.
  /// Whose places, memory and trusted certificates it uses.
  AccountIndex account = kAssureAccount;
  std::string method = "GET";  ///< GET, or POST with `body`.
  std::string url;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  std::chrono::milliseconds timeout{10'000};
  std::size_t max_response = 4UL * 1024 * 1024;  ///< After decompression.
};

struct HttpReply {
  std::uint64_t id = 0;
  AccountIndex account = kAssureAccount;  ///< Of the request.
  TransportFault fault = TransportFault::kNone;
  int status = 0;  ///< 0 without a status line. May be set along with a fault (kTooLarge, kBroken).
  std::string body;          ///< Empty with a fault.
  std::string content_type;  ///< This field and the next two as sent.
  std::optional<std::string> retry_after;
  std::optional<std::string> date;
  /// The connection that carried it, for CloseConnection(); 0: unknown.
  std::uint64_t connection = 0;
  std::chrono::steady_clock::duration elapsed{};
  /// The transport's error text for people; contains no URL query and no secret.
  std::string error;
};

/// Makes one HTTP attempt per request. Decides nothing, retries nothing, follows no redirect.
///
/// Threads: confined to the lane.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual void Start(HttpRequest request) = 0;
  /// Drops the request; Collect() will not return a reply for it.
  virtual void Cancel(std::uint64_t id) = 0;
  /// Makes no other request on this connection. Ignores an unknown or closed one.
  virtual void CloseConnection(std::uint64_t connection) = 0;
  /// Returns the replies since the last call.
  virtual std::vector<HttpReply> Collect() = 0;
};

}  // namespace consumer
