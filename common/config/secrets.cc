#include "common/config/secrets.h"

#include <optional>
#include <utility>

#include "common/base/result.h"
#include "common/config/secret_file.h"

namespace common::config {

bool ReadSecret(const Section& section, std::string_view key, std::string& out) {
  const std::string file_key = std::string(key) + "_file";
  if (section.Has(key) && section.Has(file_key)) {
    section.Mistake(file_key, "conflicts with " + std::string(key) + ": set only one of them");
    return false;
  }
  if (std::string path; section.Read(file_key, path)) {
    Result<std::string> secret = ReadSecretFile(path);
    if (!secret) {
      section.Mistake(file_key, secret.error().detail);
      return false;
    }
    out = *std::move(secret);
    return true;
  }
  std::optional<std::string> secret = section.FindScalar(key, "a string");
  if (!secret) return false;
  if (secret->empty()) {
    section.Mistake(key, "must not be empty");
    return false;
  }
  out = std::move(*secret);
  return true;
}

bool RequireSecret(const Section& section, std::string_view key, std::string& out) {
  if (section.Has(key) || section.Has(std::string(key) + "_file"))
    return ReadSecret(section, key, out);
  section.Mistake(key, "must be set, or " + std::string(key) + "_file instead");
  return false;
}

bool ReadSecrets(const Section& section, std::string_view key, std::vector<std::string>& out) {
  std::optional<std::vector<std::string>> secrets = section.FindList(key);
  if (!secrets) return false;
  if (secrets->empty()) {
    section.Mistake(key, "must contain at least one value");
    return false;
  }
  out = std::move(*secrets);
  return true;
}

}  // namespace common::config
