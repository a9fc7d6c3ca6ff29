#include "ingest/credentials.h"

#include <exception>
#include <utility>

#include "common/config/secret_file.h"

namespace ingest {

common::Result<Credentials> LoadCredentials(const CredentialSource& source) {
  Credentials credentials{.accepted = source.values, .open = source.open};
  if (source.file.empty()) return credentials;
  common::Result<std::vector<std::string>> lines = common::config::ReadSecretLines(source.file);
  if (!lines) return lines.error();
  credentials.accepted.insert(credentials.accepted.end(), lines->begin(), lines->end());
  return credentials;
}

CredentialStore::CredentialStore(std::vector<CredentialSource> sources,
                                 std::vector<Credentials> credentials)
    : sources_(std::move(sources)),
      credentials_(std::move(credentials)),
      current_(credentials_.With([](const std::vector<Credentials>& loaded) {
        return std::make_shared<const Authenticity>(loaded);
      })) {}

std::shared_ptr<const Authenticity> CredentialStore::current() const {
  return current_.With([](const std::shared_ptr<const Authenticity>& current) { return current; });
}

void CredentialStore::Reload(SecretsEvents& events) {
  try {
    credentials_.With(
        [&](std::vector<Credentials>& credentials) { ReadAgain(credentials, events); });
  } catch (const std::exception& error) {
    events.SecretsNotReloaded("every provider", error.what());
  }
}

void CredentialStore::ReadAgain(std::vector<Credentials>& credentials, SecretsEvents& events) {
  bool is_complete = true;
  for (std::size_t row = 0; row < sources_.size(); ++row) {
    common::Result<Credentials> loaded = LoadCredentials(sources_[row]);
    if (loaded) {
      credentials[row] = *std::move(loaded);
    } else {
      is_complete = false;
      events.SecretsNotReloaded(sources_[row].provider, loaded.error().detail);
    }
  }
  auto fresh = std::make_shared<const Authenticity>(credentials);
  current_.With([&](std::shared_ptr<const Authenticity>& current) { current.swap(fresh); });
  if (is_complete) events.SecretsReloaded();
}

}  // namespace ingest
