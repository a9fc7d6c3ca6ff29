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
  std::vector<std::string> more_ca_files = {};       ///< Of the accounts after the first.
  std::chrono::milliseconds connect_timeout{3'000};  ///< DNS, TCP and TLS together.
  /// Connections kept open for reuse: the number of requests that may be in flight.
  std::size_t max_connections = 256;
  /// Bound on the bodies of all answers of an account in flight or not yet collected. An answer that
  /// does not fit ends with kNoRoom. Must be at least max_response, so that a single answer always
  /// fits.
  std::size_t max_bytes = 64UL * 1024 * 1024;

  [[nodiscard]] const std::string& CaFileOf(AccountIndex account) const {
    return account == kAssureAccount ? ca_file : more_ca_files.at(account - 1);
  }
};

/// Requests over libcurl's multi interface. Reuses connections, uses HTTP/2 if the server offers
/// it, verifies TLS, accepts only http and https, follows no redirect, keeps no cookies,
/// decompresses and bounds bodies. Takes a proxy from the environment (https_proxy, no_proxy).
///
/// Does not reuse a connection with surplus bytes, which would be taken for the next answer.
/// Requests a body with an invalid content coding once more, uncoded.
///
/// Accounts share nothing but the loop: an account whose answers fill its memory, or whose
/// connections go silent, leaves the others as they are.
///
/// Threads:  confined to the lane, whose loop waits in Wait().
/// Lifetime: a CurlGlobal must outlive it. Destruction drops the requests in flight.
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
  /// `timeout` has passed. Then advances the requests without blocking. May return early.
  void Wait(std::span<const int> extra_fds, std::chrono::milliseconds timeout);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace consumer
