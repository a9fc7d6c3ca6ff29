#pragma once

#include <string>
#include <string_view>

namespace simulator {

enum class Resource { kToken, kDossier, kProcess, kOther };

/// The name in the statistics: token, dossier, process, other.
[[nodiscard]] std::string_view ToText(Resource resource);

/// The resource that a request names.
struct Target {
  Resource resource = Resource::kOther;
  std::string dossier_id{};  ///< Percent-decoded.
  std::string process_id{};
};

/// Does not check the method. A path with an empty id is `other`.
[[nodiscard]] Target ParseTarget(std::string_view path);

struct BasicCredentials {
  std::string user;
  std::string password;
};

/// Parses RFC 7617 credentials. Both are empty if the field is malformed.
[[nodiscard]] BasicCredentials ParseBasic(std::string_view authorization);

/// The token of `Authorization: Bearer …`; empty if the field has another form.
[[nodiscard]] std::string_view ParseBearer(std::string_view authorization);

/// The value of one field of an application/x-www-form-urlencoded body; empty if absent.
[[nodiscard]] std::string FormField(std::string_view body, std::string_view name);

}  // namespace simulator
