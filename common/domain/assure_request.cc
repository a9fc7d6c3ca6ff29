#include "common/domain/assure_request.h"

#include "common/base/base64.h"
#include "common/base/text.h"

namespace common {

AssureRequest TokenRequest(const AssureClient& client) {
  const std::string credentials =
      PercentEncode(client.client_id) + ":" + PercentEncode(client.client_secret);
  std::string form = "grant_type=client_credentials";
  if (!client.scope.empty()) form += "&scope=" + PercentEncode(client.scope);
  return {.method = "POST",
          .url = client.token_url,
          .fields = {{"Authorization", "Basic " + EncodeBase64(credentials)},
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

}  // namespace common
