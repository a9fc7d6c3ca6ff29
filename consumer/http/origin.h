#pragma once

#include <string>

namespace consumer {

/// Scheme, host and port of a URL.
[[nodiscard]] inline std::string OriginOf(const std::string& url) {
  const std::size_t scheme = url.find("://");
  return scheme == std::string::npos ? url : url.substr(0, url.find('/', scheme + 3));
}

/// The host of a URL, without its port.
[[nodiscard]] inline std::string HostOf(const std::string& url) {
  std::string host = OriginOf(url);
  const std::size_t scheme = host.find("://");
  if (scheme != std::string::npos) host.erase(0, scheme + 3);
  const std::size_t end = host.starts_with('[') ? host.find(']') + 1 : host.find(':');
  return host.substr(0, end);
}

}  // namespace consumer
