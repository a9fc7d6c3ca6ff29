#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/guarded.h"
#include "common/base/result.h"
#include "common/config/file.h"
#include "common/config/file_reads.h"
#include "common/domain/event_rules.h"
#include "ingest/policy/authenticity.h"

namespace ingest {

/// Reports the results of reading the secret files again.
///
/// Threads: any.
class SecretsEvents {
 public:
  virtual ~SecretsEvents() = default;
  virtual void SecretsReloaded() = 0;
  virtual void SecretsNotReloaded(std::string_view provider, std::string_view why) = 0;
};

/// The sources of one row's accepted Authorization values and secrets.
struct CredentialSource {
  std::string provider{};
  std::vector<std::string> values{};  ///< From the configuration itself.
  std::string file{};                 ///< Has one accepted value per line. Empty: no file.
  bool open = false;                  ///< `auth: none`.
  std::optional<common::SignatureRule> signature{};  ///< Of a row that asks for one.
  std::vector<std::string> signing_secrets{};        ///< From the configuration itself.
  std::string signing_file{};                        ///< Has one secret per line. Empty: no file.
};

/// How the content of a file is had.
using FileRead = common::config::FileReads::Read;

/// The accepted Authorization values.
/// Errors: kReject if the file is missing, unreadable or empty; the detail names it.
[[nodiscard]] common::Result<std::vector<std::string>> LoadAuthorization(
    const CredentialSource& source, const FileRead& read = common::config::ReadFile);

/// The keys of the given secrets, without those of the file.
/// Errors: kReject if a secret occurs twice, or has a form that the rule cannot use. The detail
///         contains no secret.
[[nodiscard]] common::Result<std::vector<std::string>> ReadSigningKeys(
    const common::SignatureRule& rule, const std::vector<std::string>& secrets);

/// The keys of all secrets of the row. Errors: those of both functions above.
[[nodiscard]] common::Result<std::vector<std::string>> LoadSigningKeys(
    const CredentialSource& source, const FileRead& read = common::config::ReadFile);

/// All of a row. Errors: as above.
[[nodiscard]] common::Result<Credentials> LoadCredentials(
    const CredentialSource& source, const FileRead& read = common::config::ReadFile);

/// The files of a row, none to two.
[[nodiscard]] std::vector<std::string> FilesOf(const CredentialSource& source);

/// The current credentials; replaced row by row.
///
/// Threads: any.
class CredentialStore {
 public:
  /// `credentials` are those loaded from `sources`. Both have the provider table's indices.
  CredentialStore(std::vector<CredentialSource> sources, std::vector<Credentials> credentials);

  /// Requests in flight keep the set that they got.
  [[nodiscard]] std::shared_ptr<const Authenticity> current() const;

  [[nodiscard]] const std::vector<CredentialSource>& sources() const { return sources_; }
  void Replace(std::size_t row, Credentials credentials);

 private:
  const std::vector<CredentialSource> sources_;
  common::Guarded<std::vector<Credentials>> credentials_;
  common::Guarded<std::shared_ptr<const Authenticity>> current_;
};

}  // namespace ingest
