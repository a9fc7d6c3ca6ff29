#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "consumer/fetch/http_transport.h"

namespace consumer {

struct CurlSettings {
  std::string ca_file;                               ///< Empty: the system's certificates.
  std::chrono::milliseconds connect_timeout{3'000};  ///< DNS, TCP and TLS together.
  /// Connections kept open for reuse; as many as requests may be under way at once.
  std::size_t max_connections = 256;
  /// Bodies of all answers under way or not yet collected. One that does not fit any more ends with
  /// kNoRoom; so it must be at least max_response, and one answer alone always fits.
  std::size_t max_bytes = 64UL * 1024 * 1024;
};

/// Requests over libcurl's multi interface: connections are reused, HTTP/2 where the server offers
/// it, TLS verified, only http and https, redirects not followed, no cookies, bodies decompressed
/// and bounded. A proxy is taken from the environment (https_proxy, no_proxy).
///
/// A connection on which more has come than an answer is not used again: what came would be taken
/// for the next answer. A body with a content coding that is none is asked for once more, uncoded.
///
/// Threads:  confined to the lane, whose loop waits in Wait().
/// Lifetime: a CurlGlobal must outlive it. Destruction drops what is under way.
class CurlTransport final : public HttpTransport {
 public:
  explicit CurlTransport(CurlSettings settings);
  ~CurlTransport() override;
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  void Start(HttpRequest request) override;
  void Cancel(std::uint64_t id) override;
  void CloseConnection(std::uint64_t connection) override;
  std::vector<HttpReply> Collect() override;

  /// Waits until a request makes progress, one of `extra_fds` is readable (the caller reads it) or
  /// `timeout` has passed, then does what can be done for the requests without waiting. May return
  /// early.
  void Wait(std::span<const int> extra_fds, std::chrono::milliseconds timeout);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace consumer
