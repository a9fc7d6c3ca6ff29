#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tests {

using HttpFields = std::vector<std::pair<std::string, std::string>>;

struct HttpAnswer {
  int status = 0;  ///< 0 without an answer; `error` has the reason.
  HttpFields fields = {};
  std::string body = {};
  std::string error = {};

  /// The first field of this name, in any case; empty if absent.
  [[nodiscard]] std::string Field(std::string_view name) const;
};

struct HttpRequest {
  std::string url = {};
  std::string method = "GET";
  HttpFields fields = {};
  std::string body = {};  ///< Sent with every method except GET, also if empty.
  std::chrono::milliseconds limit{10'000};
};

/// Sends one HTTP/1.1 request on a new connection.
[[nodiscard]] HttpAnswer Send(const HttpRequest& request);

[[nodiscard]] HttpAnswer Get(const std::string& url);
[[nodiscard]] HttpAnswer Post(const std::string& url, std::string body, HttpFields fields = {});
[[nodiscard]] HttpAnswer Put(const std::string& url, std::string body, HttpFields fields = {});

}  // namespace tests
