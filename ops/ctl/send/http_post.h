#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace ctl {

using HttpField = std::pair<std::string, std::string>;

struct PostAnswer {
  int status = 0;
  std::string body;  ///< At most 4 KiB of it.
  std::chrono::milliseconds elapsed{};
};

/// Posts JSON to one URL over one kept-alive connection. Follows no redirect.
class HttpPost {
 public:
  HttpPost(std::string url, const std::string& authorization);
  ~HttpPost();
  HttpPost(const HttpPost&) = delete;
  HttpPost& operator=(const HttpPost&) = delete;

  /// Errors: kRetry if no answer arrives within 15 s, which is longer than ingest needs.
  [[nodiscard]] common::Result<PostAnswer> Send(const std::string& body,
                                                const std::vector<HttpField>& more = {});

 private:
  struct Curl;
  std::unique_ptr<Curl> curl_;
};

}  // namespace ctl
