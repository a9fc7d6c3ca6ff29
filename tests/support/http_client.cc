#include "tests/support/http_client.h"

#include <curl/curl.h>
#include <strings.h>

#include <memory>
#include <stdexcept>

namespace tests {
namespace {

struct Destroy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t AppendBody(char* bytes, std::size_t, std::size_t count, void* answer) noexcept {
  static_cast<HttpAnswer*>(answer)->body.append(bytes, count);
  return count;
}

std::string_view Trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::size_t AppendField(char* bytes, std::size_t, std::size_t count, void* answer) noexcept {
  const std::string_view line(bytes, count);
  auto& fields = static_cast<HttpAnswer*>(answer)->fields;
  if (line.starts_with("HTTP/")) fields.clear();  // Drops the fields of a 100 Continue.
  if (const auto colon = line.find(':'); colon != std::string_view::npos) {
    fields.emplace_back(line.substr(0, colon), Trimmed(line.substr(colon + 1)));
  }
  return count;
}

}  // namespace

std::string HttpAnswer::Field(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (key.size() == name.size() && ::strncasecmp(key.data(), name.data(), key.size()) == 0) {
      return value;
    }
  }
  return "";
}

HttpAnswer Send(const HttpRequest& request) {
  static const auto initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, Destroy> easy(curl_easy_init());
  if (initialised != CURLE_OK || !easy) throw std::runtime_error("libcurl does not start");

  std::unique_ptr<curl_slist, Destroy> fields;
  const auto append = [&fields](const std::string& line) {
    fields.reset(curl_slist_append(fields.release(), line.c_str()));
  };
  append("Expect:");
  // libcurl expects "Name;" for an empty value.
  for (const auto& [name, value] : request.fields) {
    append(value.empty() ? name + ";" : name + ": " + value);
  }

  HttpAnswer answer;
  curl_easy_setopt(easy.get(), CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(request.limit.count()));
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, fields.get());
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, AppendBody);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, AppendField);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &answer);
  if (request.method != "GET") {
    curl_easy_setopt(easy.get(), CURLOPT_POST, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
    curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, request.body.data());
  }
  const auto code = curl_easy_perform(easy.get());
  if (code != CURLE_OK) return {.error = curl_easy_strerror(code)};
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  return answer;
}

HttpAnswer Get(const std::string& url) { return Send({.url = url}); }

HttpAnswer Post(const std::string& url, std::string body, HttpFields fields) {
  return Send({.url = url, .method = "POST", .fields = std::move(fields), .body = std::move(body)});
}

HttpAnswer Put(const std::string& url, std::string body, HttpFields fields) {
  return Send({.url = url, .method = "PUT", .fields = std::move(fields), .body = std::move(body)});
}

}  // namespace tests
