#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "consumer/policy/transport_fault.h"

namespace consumer {

struct HttpRequest {
  std::uint64_t id = 0;        ///< Chosen by the caller, unique among the requests under way.
  std::string method = "GET";  ///< GET, or POST with `body`.
  std::string url;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  std::chrono::milliseconds timeout{10'000};
  std::size_t max_response = 4UL * 1024 * 1024;  ///< After decompression.
};

struct HttpReply {
  std::uint64_t id = 0;
  TransportFault fault = TransportFault::kNone;
  int status = 0;    ///< 0 if no status line came. May be set beside a fault (kTooLarge, kBroken).
  std::string body;  ///< Empty beside a fault.
  std::string content_type;  ///< This field and the following as sent.
  std::optional<std::string> retry_after;
  std::optional<std::string> date;
  std::uint64_t connection = 0;  ///< On which it came, for CloseConnection(); 0: unknown.
  std::chrono::steady_clock::duration elapsed{};
  std::string error;  ///< For people: the transport's own words; never a URL's query or a secret.
};

/// One HTTP attempt at a time per id; decides nothing, retries nothing, follows no redirect.
///
/// Threads: confined to the lane.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual void Start(HttpRequest request) = 0;
  /// The request is dropped; no reply for it will be collected.
  virtual void Cancel(std::uint64_t id) = 0;
  /// No other request is made on it. One that is unknown, or has gone, is ignored.
  virtual void CloseConnection(std::uint64_t connection) = 0;
  /// The replies that came since the last call.
  virtual std::vector<HttpReply> Collect() = 0;
};

}  // namespace consumer
