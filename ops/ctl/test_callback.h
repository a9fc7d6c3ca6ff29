#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace ctl {

struct TestCallback {
  std::string dossier;
  std::string process;
  std::string status;
};

/// The body that Assure would send.
[[nodiscard]] std::string BodyOf(const TestCallback& callback);

/// `target` may end in ingest's path prefix, with or without a slash; without a path the default
/// prefix is added: http://host:8080 -> http://host:8080/callbacks/onfido
[[nodiscard]] std::string UrlOf(std::string_view target, std::string_view provider);

/// RFC 4122, version 4.
[[nodiscard]] std::string RandomUuid(const std::function<std::uint64_t()>& random);

}  // namespace ctl
