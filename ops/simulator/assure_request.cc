#include "ops/simulator/assure_request.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/base64.h"
#include "common/base/text.h"

namespace simulator {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Keeps malformed escapes unchanged.
std::string PercentDecode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexValue(text[i + 1]) >= 0 &&
        HexValue(text[i + 2]) >= 0) {
      decoded.push_back(static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2])));
      i += 2;
    } else {
      decoded.push_back(text[i]);
    }
  }
  return decoded;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// The text after "Scheme "; ignores the scheme's case.
std::string_view AfterScheme(std::string_view authorization, std::string_view scheme) {
  if (authorization.size() <= scheme.size() || authorization[scheme.size()] != ' ' ||
      !common::EqualsIgnoringCase(authorization.substr(0, scheme.size()), scheme)) {
    return {};
  }
  return common::TrimAscii(authorization.substr(scheme.size()));
}

}  // namespace

std::string_view ToText(Resource resource) {
  switch (resource) {
    case Resource::kToken:
      return "token";
    case Resource::kDossier:
      return "dossier";
    case Resource::kProcess:
      return "process";
    case Resource::kOther:
      return "other";
  }
  return "";
}

Target ParseTarget(std::string_view path) {
  if (path == "/auth/open/connect/token") return {.resource = Resource::kToken};
  // "" / "assure" / "dossiers" / id [ / "processes" / id ]
  const std::vector<std::string_view> parts = Split(path, '/');
  const bool is_dossier = parts.size() >= 4 && parts[1] == "assure" && parts[2] == "dossiers";
  if (!is_dossier || parts[3].empty()) return {};
  if (parts.size() == 4) {
    return {.resource = Resource::kDossier, .dossier_id = PercentDecode(parts[3])};
  }
  if (parts.size() != 6 || parts[4] != "processes" || parts[5].empty()) return {};
  return {.resource = Resource::kProcess,
          .dossier_id = PercentDecode(parts[3]),
          .process_id = PercentDecode(parts[5])};
}

BasicCredentials ParseBasic(std::string_view authorization) {
  const std::optional<std::string> decoded =
      common::DecodeBase64(AfterScheme(authorization, "Basic"));
  const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
  if (colon == std::string::npos) return {};
  return {PercentDecode(decoded->substr(0, colon)), PercentDecode(decoded->substr(colon + 1))};
}

std::string_view ParseBearer(std::string_view authorization) {
  return AfterScheme(authorization, "Bearer");
}

std::string FormField(std::string_view body, std::string_view name) {
  for (const std::string_view pair : Split(body, '&')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) != name || equals == pair.size()) continue;
    std::string value(pair.substr(equals + 1));
    std::replace(value.begin(), value.end(), '+', ' ');
    return PercentDecode(value);
  }
  return {};
}

}  // namespace simulator
