#pragma once

#include <string>

namespace consumer {

/// Scheme, host and port of a URL.
[[nodiscard]] inline std::string OriginOf(const std::string& url) {
  const std::size_t scheme = url.find("://");
  return scheme == std::string::npos ? url : url.substr(0, url.find('/', scheme + 3));
}

}  // namespace consumer
