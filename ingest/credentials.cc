#include "ingest/credentials.h"

#include <algorithm>
#include <utility>

#include "common/config/secret_file.h"
#include "common/signature/signature.h"

namespace ingest {

namespace {

using Texts = std::vector<std::string>;
using common::Result;

/// `values`, and the lines of the file if there is one.
Result<Texts> WithLinesOf(const std::string& file, Texts values, const FileRead& read) {
  if (file.empty()) return values;
  const Result<std::string> content = read(file);
  if (!content) return content.error();
  Result<Texts> lines = common::config::SecretLinesOf(file, *content);
  if (!lines) return lines.error();
  values.insert(values.end(), lines->begin(), lines->end());
  return values;
}

common::Error UnusableSecret(std::size_t position, const std::string& why) {
  return {common::Remedy::kReject, "secret", "secret " + std::to_string(position + 1) + " " + why};
}

}  // namespace

Result<Texts> LoadAuthorization(const CredentialSource& source, const FileRead& read) {
  return WithLinesOf(source.file, source.values, read);
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

Result<Texts> LoadSigningKeys(const CredentialSource& source, const FileRead& read) {
  if (!source.signature) return Texts();
  const Result<Texts> secrets = WithLinesOf(source.signing_file, source.signing_secrets, read);
  if (!secrets) return secrets.error();
  return ReadSigningKeys(*source.signature, *secrets);
}

Result<Credentials> LoadCredentials(const CredentialSource& source, const FileRead& read) {
  Result<Texts> accepted = LoadAuthorization(source, read);
  if (!accepted) return accepted.error();
  Result<Texts> keys = LoadSigningKeys(source, read);
  if (!keys) return keys.error();
  return Credentials{
      .accepted = *std::move(accepted), .open = source.open, .signing_keys = *std::move(keys)};
}

std::vector<std::string> FilesOf(const CredentialSource& source) {
  std::vector<std::string> files;
  if (!source.file.empty()) files.push_back(source.file);
  if (source.signature && !source.signing_file.empty()) files.push_back(source.signing_file);
  return files;
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

void CredentialStore::Replace(std::size_t row, Credentials credentials) {
  credentials_.With([&](std::vector<Credentials>& all) {
    all[row] = std::move(credentials);
    auto fresh = std::make_shared<const Authenticity>(all);
    current_.With([&](std::shared_ptr<const Authenticity>& current) { current.swap(fresh); });
  });
}

}  // namespace ingest
