#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/rfc3339.h"

namespace common::http {

struct Field {
  std::string_view name;
  std::string_view value;  ///< Without surrounding white space.
};

/// The head of one request, already well framed.
///
/// Lifetime: views into the connection's buffer, valid during the call that gets it.
struct RequestHead {
  std::string_view method;  ///< A token, as sent; methods are case-sensitive.
  std::string_view target;  ///< As sent.
  std::string_view path;    ///< The target's path, without query; of an absolute-form target too.
  std::vector<Field> fields;
  std::chrono::steady_clock::time_point first_byte;  ///< When the request's first byte arrived.
  WallTime received_at;                              ///< When the head was complete.

  /// The first field of that name, in any case; none: nullopt.
  [[nodiscard]] std::optional<std::string_view> Find(std::string_view name) const;
  [[nodiscard]] std::size_t Count(std::string_view name) const;
};

/// Ticket::request of what had no head.
inline constexpr std::uint64_t kNoRequest = 0;

/// Names one request, for a completion from any thread. Plain data: it may outlive the
/// request, its connection and the client; what it named then is simply not found.
struct Ticket {
  std::uint32_t worker = 0;
  std::uint64_t connection = 0;        ///< Never reused within a server.
  std::uint64_t request = kNoRequest;  ///< Counts the requests of the connection, from 1.
};

struct Answer {
  int status = 200;
  std::string body{};
  std::string_view content_type = "text/plain";  ///< A literal.
  std::vector<std::pair<std::string, std::string>> fields{};
  bool close = false;      ///< Close the connection afterwards, whatever the client asked for.
  std::uint32_t note = 0;  ///< The service's own; handed back in AnswerReport.
};

/// An answer on its way to the request that a ticket names.
struct Completion {
  Ticket ticket;
  Answer answer;
};

/// Why the server answers without, or instead of, the service's own decision.
enum class HttpFault {
  kMalformed,           ///< Broken framing, head or chunk: 400.
  kLengthRequired,      ///< POST with neither length nor chunked coding: 411.
  kHeadTooLarge,        ///< 431.
  kBodyTooLarge,        ///< 413.
  kHeadTooSlow,         ///< 408; also a head that the client ended early.
  kBodyTooSlow,         ///< 408; also a body that the client ended early.
  kTooManyConnections,  ///< 429.
  kOverloaded,          ///< Service::MayHold said no: the transient status.
  kAnswerTooLate,       ///< No answer by the deadline: the transient status.
  kInternal,            ///< The service threw: the transient status.
};

}  // namespace common::http
