#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/guarded.h"
#include "common/base/result.h"
#include "common/domain/event_rules.h"
#include "ingest/policy/authenticity.h"

namespace ingest {

/// Reports the results of reloading the secret files.
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

/// The accepted Authorization values.
/// Errors: kReject if the file is missing, unreadable or empty; the detail names it.
[[nodiscard]] common::Result<std::vector<std::string>> LoadAuthorization(
    const CredentialSource& source);

/// The keys of the given secrets, without those of the file.
/// Errors: kReject if a secret occurs twice, or has a form that the rule cannot use. The detail
///         contains no secret.
[[nodiscard]] common::Result<std::vector<std::string>> ReadSigningKeys(
    const common::SignatureRule& rule, const std::vector<std::string>& secrets);

/// The keys of all secrets of the row. Errors: those of both functions above.
[[nodiscard]] common::Result<std::vector<std::string>> LoadSigningKeys(
    const CredentialSource& source);

/// All of a row. Errors: as above.
[[nodiscard]] common::Result<Credentials> LoadCredentials(const CredentialSource& source);

/// The current credentials; replaced as a whole.
///
/// Threads: any.
class CredentialStore {
 public:
  /// `credentials` are those loaded from `sources`. Both have the provider table's indices.
  CredentialStore(std::vector<CredentialSource> sources, std::vector<Credentials> credentials);

  /// Requests in flight keep the set that they got.
  [[nodiscard]] std::shared_ptr<const Authenticity> current() const;

  /// Reads the files again. A row keeps its old values if its file is missing, unreadable or empty.
  /// All rows keep them if memory runs out.
  /// False: at least one row kept them, which was reported. The caller reports success.
  bool Reload(SecretsEvents& events);

 private:
  bool ReadAgain(std::vector<Credentials>& credentials, SecretsEvents& events);

  std::vector<CredentialSource> sources_;
  common::Guarded<std::vector<Credentials>> credentials_;
  common::Guarded<std::shared_ptr<const Authenticity>> current_;
};

}  // namespace ingest
