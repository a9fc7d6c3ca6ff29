#pragma once

#include <string>
#include <string_view>

namespace simulator {

enum class Resource { kToken, kDossier, kProcess, kOther };

/// As in the statistics: token, dossier, process, other.
[[nodiscard]] std::string_view ToText(Resource resource);

/// What a request asks for.
struct Target {
  Resource resource = Resource::kOther;
  std::string dossier_id{};  ///< Percent-decoded.
  std::string process_id{};
};

/// Methods are not judged here. An empty id makes the path `other`.
[[nodiscard]] Target ParseTarget(std::string_view path);

struct BasicCredentials {
  std::string user;
  std::string password;
};

/// RFC 7617. Both empty if the field has no such form.
[[nodiscard]] BasicCredentials ParseBasic(std::string_view authorization);

/// The token of an `Authorization: Bearer …`; empty if the field has no such form.
[[nodiscard]] std::string_view ParseBearer(std::string_view authorization);

/// The value of one field of an application/x-www-form-urlencoded body; empty if absent.
[[nodiscard]] std::string FormField(std::string_view body, std::string_view name);

}  // namespace simulator
