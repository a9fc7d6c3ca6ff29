#include "ops/ctl/erase/assure_http.h"

#include <curl/curl.h>

#include <string_view>

#include "common/base/text.h"
#include "ops/ctl/http/curl.h"

namespace ctl {
namespace {

constexpr std::size_t kMaxBody = std::size_t{64} * 1024;
constexpr long kTimeoutMs = 15'000;

std::size_t ReadField(const char* bytes, std::size_t size, std::size_t count,
                      void* reply) noexcept {
  constexpr std::string_view kName = "retry-after:";
  const std::string_view line(bytes, size * count);
  if (common::EqualsIgnoringCase(line.substr(0, kName.size()), kName)) {
    static_cast<AssureReply*>(reply)->retry_after =
        std::string(common::TrimAscii(line.substr(kName.size())));
  }
  return size * count;
}

}  // namespace

AssureReply AskAssure(const common::AssureRequest& request, const std::string& ca_file) {
  AssureReply reply;
  CurlError error{};
  const CurlEasy owned(curl_easy_init());
  CurlFields fields;
  for (const auto& [name, value] : request.fields) {
    const std::string field = std::string(name).append(": ").append(value);
    fields.reset(curl_slist_append(fields.release(), field.c_str()));
  }
  CURL* const easy = owned.get();
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields.get());
  if (request.method == "POST") {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
  } else {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "sluicectl/" SLUICE_VERSION);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, kTimeoutMs);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error.data());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &KeepBody<kMaxBody>);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &reply.body);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &ReadField);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &reply);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);  // The token is for this host alone.
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
    // Otherwise libcurl also trusts the system's certificates.
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  const CURLcode code = curl_easy_perform(easy);
  if (code != CURLE_OK) return {.error = CurlErrorText(code, error)};
  reply.status = StatusOf(easy);
  return reply;
}

}  // namespace ctl
