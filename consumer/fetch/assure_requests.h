#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "consumer/fetch/fetch_job.h"
#include "consumer/fetch/fetch_settings.h"
#include "consumer/fetch/http_transport.h"

namespace consumer {

/// Builds the requests to the Assure API and its token endpoint.
class AssureRequests {
 public:
  explicit AssureRequests(const FetchSettings& settings);

  /// GET {base_url}/dossiers/{dossierId}/processes/{processId}
  [[nodiscard]] HttpRequest Process(std::uint64_t id, const FetchJob& job,
                                    const std::string& token) const;
  /// GET {base_url}/dossiers/{dossierId}
  [[nodiscard]] HttpRequest Dossier(std::uint64_t id, const FetchJob& job,
                                    const std::string& token) const;
  /// POST {token_url}: client credentials with client_secret_basic (RFC 6749, 4.4.2 and 2.3.1).
  [[nodiscard]] HttpRequest Token(std::uint64_t id) const;

 private:
  [[nodiscard]] HttpRequest Get(std::uint64_t id, std::string url, const std::string& token) const;

  std::string base_url_;
  HttpRequest token_request_;
  std::chrono::milliseconds timeout_;
  std::size_t max_response_;
};

/// False if no URL can contain one of its ids.
[[nodiscard]] bool IsAddressable(const FetchJob& job);

}  // namespace consumer
