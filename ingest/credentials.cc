#include "ingest/credentials.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "common/config/secret_file.h"
#include "common/signature/signature.h"

namespace ingest {

namespace {

using Texts = std::vector<std::string>;
using common::Result;

/// `values`, and the lines of the file if there is one.
Result<Texts> WithLinesOf(const std::string& file, Texts values) {
  if (file.empty()) return values;
  Result<Texts> lines = common::config::ReadSecretLines(file);
  if (!lines) return lines.error();
  values.insert(values.end(), lines->begin(), lines->end());
  return values;
}

common::Error UnusableSecret(std::size_t position, const std::string& why) {
  return {common::Remedy::kReject, "secret", "secret " + std::to_string(position + 1) + " " + why};
}

}  // namespace

Result<Texts> LoadAuthorization(const CredentialSource& source) {
  return WithLinesOf(source.file, source.values);
}

Result<Texts> ReadSigningKeys(const common::SignatureRule& rule, const Texts& secrets) {
  Texts keys;
  keys.reserve(secrets.size());
  for (const std::string& secret : secrets) {
    std::optional<std::string> key = common::SigningKeyOf(rule, secret);
    if (!key) return UnusableSecret(keys.size(), "begins with whsec_, but no base64 follows");
    if (std::ranges::find(keys, *key) != keys.end()) {
      return UnusableSecret(keys.size(), "is the same as an earlier one: remove one of them");
    }
    keys.push_back(*std::move(key));
  }
  return keys;
}

Result<Texts> LoadSigningKeys(const CredentialSource& source) {
  if (!source.signature) return Texts();
  const Result<Texts> secrets = WithLinesOf(source.signing_file, source.signing_secrets);
  if (!secrets) return secrets.error();
  return ReadSigningKeys(*source.signature, *secrets);
}

Result<Credentials> LoadCredentials(const CredentialSource& source) {
  Result<Texts> accepted = LoadAuthorization(source);
  if (!accepted) return accepted.error();
  Result<Texts> keys = LoadSigningKeys(source);
  if (!keys) return keys.error();
  return Credentials{
      .accepted = *std::move(accepted), .open = source.open, .signing_keys = *std::move(keys)};
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

bool CredentialStore::Reload(SecretsEvents& events) {
  try {
    return credentials_.With(
        [&](std::vector<Credentials>& credentials) { return ReadAgain(credentials, events); });
  } catch (const std::exception& error) {
    events.SecretsNotReloaded("every provider", error.what());
    return false;
  }
}

bool CredentialStore::ReadAgain(std::vector<Credentials>& credentials, SecretsEvents& events) {
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
  return is_complete;
}

}  // namespace ingest
