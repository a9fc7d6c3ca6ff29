#include "common/config/assure_settings.h"

#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "common/config/secrets.h"

namespace common::config {
namespace {

/// True if a user, or a user and a password, stand before the host.
bool NamesUser(std::string_view url) {
  const std::size_t authority = url.find("://") + 3;
  return url.substr(0, url.find('/', authority)).find('@', authority) != std::string_view::npos;
}

void ReadUrl(const Section& section, std::string_view key, std::string& url) {
  if (!section.Require(key, url)) return;
  const std::string_view text = url;
  const bool has_scheme = text.starts_with("http://") || text.starts_with("https://");
  if (!has_scheme || text.find_first_of(" \t?#") != std::string_view::npos) {
    section.Mistake(key, "must be an http or https URL without query");
  } else if (NamesUser(text)) {
    section.Mistake(key, "must contain no user and no password: set " + section.path() +
                             ".client_id and " + section.path() + ".client_secret");
  }
}

/// False for a folder, too, which can be opened.
bool IsReadable(const std::string& file) {
  std::ifstream stream(file);
  stream.peek();
  return stream.is_open() && !stream.bad();
}

}  // namespace

AssureClient ReadClientOfAssure(const Section& root) {
  const std::optional<Section> assure = root.Child("assure");
  if (assure) return ReadAssureClient(*assure);
  if (!root.Has("assure")) root.Mistake("assure", "is missing");
  return {};
}

AssureClient ReadAssureClient(const Section& section) {
  AssureClient client;
  ReadUrl(section, "base_url", client.base_url);
  ReadUrl(section, "token_url", client.token_url);
  section.Require("client_id", client.client_id);
  RequireSecret(section, "client_secret", client.client_secret);
  section.Read("scope", client.scope);
  if (section.Read("ca_file", client.ca_file) && !IsReadable(client.ca_file)) {
    section.Mistake("ca_file", "names a file that cannot be read");
  }
  return client;
}

}  // namespace common::config
