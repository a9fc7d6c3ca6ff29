#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/domain/ids.h"

namespace common {

/// Who asks the Assure API, and where.
struct AssureClient {
  std::string base_url;  ///< With or without a trailing slash.
  std::string token_url;
  std::string client_id;
  std::string client_secret;
  std::string scope = "signicat-api";  ///< Empty: the request names none.
  std::string ca_file;                 ///< Empty: the system's certificates.
};

struct AssureRequest {
  std::string method = "GET";  ///< GET, DELETE, or POST with `body`.
  std::string url;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body{};
};

/// POST {token_url}: client credentials with client_secret_basic (RFC 6749, 4.4.2 and 2.3.1).
[[nodiscard]] AssureRequest TokenRequest(const AssureClient& client);

/// A request with an access token.
[[nodiscard]] AssureRequest ResourceRequest(std::string method, std::string url,
                                            const std::string& token);

/// {base_url}/dossiers/{dossierId}
[[nodiscard]] std::string DossierUrl(std::string_view base_url, const DossierId& dossier);

/// False for ids that no URL can contain: "." and ".." are path steps in any spelling (RFC 3986,
/// 5.2.4; percent-encoded dots count as dots).
[[nodiscard]] bool CanStandInUrl(std::string_view id);

}  // namespace common
