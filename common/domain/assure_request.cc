#include "common/domain/assure_request.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "common/base/text.h"

namespace common {

AssureRequest TokenRequest(const AssureClient& client) {
  const std::string credentials =
      PercentEncode(client.client_id) + ":" + PercentEncode(client.client_secret);
  std::string form = "grant_type=client_credentials";
  if (!client.scope.empty()) form += "&scope=" + PercentEncode(client.scope);
  return {.method = "POST",
          .url = client.token_url,
          .fields = {{"Authorization", "Basic " + Base64(credentials)},
                     {"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}},
          .body = std::move(form)};
}

AssureRequest ResourceRequest(std::string method, std::string url, const std::string& token) {
  return {.method = std::move(method),
          .url = std::move(url),
          .fields = {{"Authorization", "Bearer " + token}, {"Accept", "application/json"}}};
}

std::string DossierUrl(std::string_view base_url, const DossierId& dossier) {
  while (base_url.ends_with('/')) base_url.remove_suffix(1);
  return std::string(base_url) + "/dossiers/" + PercentEncode(dossier.str());
}

bool CanStandInUrl(std::string_view id) { return id != "." && id != ".."; }

std::string Base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(3, bytes.size()))) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text.push_back(i <= bytes.size() ? kDigits[group >> (18 - 6 * i) & 63] : '=');
    }
  }
  return text;
}

}  // namespace common
