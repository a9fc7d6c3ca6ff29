#pragma once

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "consumer/fetch/http_transport.h"

namespace consumer {

struct CurlSettings;

/// One easy handle and what it works on. Used for one request after the other.
///
/// Lifetime: libcurl keeps its address while a request is under way.
class CurlTransfer {
 public:
  /// Errors: throws std::bad_alloc if libcurl has no memory.
  CurlTransfer();
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  void Prepare(HttpRequest request, const CurlSettings& settings);
  [[nodiscard]] HttpReply Conclude(CURLcode code);

  [[nodiscard]] CURL* easy() const { return easy_.get(); }
  [[nodiscard]] std::uint64_t request_id() const { return reply_.id; }

 private:
  struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct FreeFields {
    void operator()(curl_slist* fields) const { curl_slist_free_all(fields); }
  };

  static std::size_t Write(char* bytes, std::size_t one, std::size_t size, void* self) noexcept;

  std::unique_ptr<CURL, FreeEasy> easy_;
  std::unique_ptr<curl_slist, FreeFields> fields_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::string request_body_;
  std::size_t max_response_ = 0;
  std::chrono::steady_clock::time_point started_;
  HttpReply reply_;
};

}  // namespace consumer
