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

/// The body in Assure's form.
[[nodiscard]] std::string BodyOf(const TestCallback& callback);

/// RFC 4122, version 4.
[[nodiscard]] std::string RandomUuid(const std::function<std::uint64_t()>& random);

}  // namespace ctl
