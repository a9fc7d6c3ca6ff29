#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/guarded.h"
#include "common/base/result.h"
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

/// The sources of one row's accepted Authorization values.
struct CredentialSource {
  std::string provider{};
  std::vector<std::string> values{};  ///< From the configuration itself.
  std::string file{};                 ///< Has one accepted value per line. Empty: no file.
  bool open = false;                  ///< `auth: none`.
};

/// Errors: kReject if the file is missing, unreadable or empty; the detail names it.
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
  void Reload(SecretsEvents& events);

 private:
  void ReadAgain(std::vector<Credentials>& credentials, SecretsEvents& events);

  std::vector<CredentialSource> sources_;
  common::Guarded<std::vector<Credentials>> credentials_;
  common::Guarded<std::shared_ptr<const Authenticity>> current_;
};

}  // namespace ingest
