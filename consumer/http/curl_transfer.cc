#include "consumer/http/curl_transfer.h"

#include <new>
#include <utility>

#include "consumer/http/curl_fault.h"
#include "consumer/http/curl_transport.h"

namespace consumer {

CurlTransfer::CurlTransfer() : easy_(curl_easy_init()) {
  if (!easy_) throw std::bad_alloc();
}

void CurlTransfer::Prepare(HttpRequest request, const CurlSettings& settings) {
  request_body_ = std::move(request.body);
  max_response_ = request.max_response;
  started_ = std::chrono::steady_clock::now();
  reply_ = HttpReply();
  reply_.id = request.id;
  error_[0] = '\0';

  fields_.reset();
  for (const auto& [name, value] : request.fields) {
    const std::string line = std::string(name).append(": ").append(value);
    curl_slist* longer = curl_slist_append(fields_.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    (void)fields_.release();  // It is the front of `longer` now.
    fields_.reset(longer);
  }

  CURL* easy = easy_.get();
  curl_easy_reset(easy);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields_.get());
  if (request.method == "POST") {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request_body_.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_body_.data());
  }
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "sluice/" SLUICE_VERSION);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(settings.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_.data());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &CurlTransfer::Write);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");  // All that libcurl can decompress.

  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);  // The token is for this host alone.
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!settings.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, settings.ca_file.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  if (request.url.starts_with("https:")) {
    // Else the first burst opens a connection a request before the server could offer HTTP/2.
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
  }
}

HttpReply CurlTransfer::Conclude(CURLcode code) {
  reply_.fault = FaultOf(code);
  reply_.elapsed = std::chrono::steady_clock::now() - started_;
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  reply_.status = static_cast<int>(status);
  curl_header* field = nullptr;
  if (curl_easy_header(easy_.get(), "Retry-After", 0, CURLH_HEADER, -1, &field) == CURLHE_OK) {
    reply_.retry_after = field->value;
  }
  if (code != CURLE_OK) {
    reply_.body.clear();
    reply_.error = error_[0] != '\0' ? error_.data() : curl_easy_strerror(code);
  }
  return std::move(reply_);
}

/// A body over the bound is ended by taking less than was offered.
std::size_t CurlTransfer::Write(char* bytes, std::size_t /*one*/, std::size_t size,
                                void* self) noexcept {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  std::string& body = transfer.reply_.body;
  if (size > transfer.max_response_ - body.size()) return 0;
  body.append(bytes, size);
  return size;
}

}  // namespace consumer
