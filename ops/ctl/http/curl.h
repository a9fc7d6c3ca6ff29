#pragma once

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>

namespace ctl {

using CurlError = std::array<char, CURL_ERROR_SIZE>;

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using CurlEasy = std::unique_ptr<CURL, EasyDeleter>;

struct FieldsDeleter {
  void operator()(curl_slist* fields) const { curl_slist_free_all(fields); }
};
using CurlFields = std::unique_ptr<curl_slist, FieldsDeleter>;

/// CURLOPT_WRITEFUNCTION, with a std::string as CURLOPT_WRITEDATA: keeps the beginning of a body
/// and drops the rest.
template <std::size_t kMost>
std::size_t KeepBody(const char* bytes, std::size_t size, std::size_t count, void* body) noexcept {
  auto& kept = *static_cast<std::string*>(body);
  kept.append(bytes, std::min(size * count, kMost - std::min(kMost, kept.size())));
  return size * count;
}

/// Why a transfer failed.
[[nodiscard]] inline std::string CurlErrorText(CURLcode code, const CurlError& error) {
  return error[0] != '\0' ? error.data() : curl_easy_strerror(code);
}

/// Of a transfer that succeeded.
[[nodiscard]] inline int StatusOf(CURL* easy) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

}  // namespace ctl
