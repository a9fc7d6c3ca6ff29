#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/guarded.h"
#include "common/base/result.h"
#include "ingest/policy/authenticity.h"

namespace ingest {

/// Reports what became of reading the secret files again.
///
/// Threads: any.
class SecretsEvents {
 public:
  virtual ~SecretsEvents() = default;
  virtual void SecretsReloaded() = 0;
  virtual void SecretsNotReloaded(std::string_view provider, std::string_view why) = 0;
};

/// Where the accepted Authorization values of one row come from.
struct CredentialSource {
  std::string provider{};
  std::vector<std::string> values{};  ///< Written in the configuration.
  std::string file{};                 ///< One accepted value a line; empty: none.
  bool open = false;                  ///< `auth: none`.
};

/// Errors: kReject if the file is missing, unreadable or empty; the detail names it.
[[nodiscard]] common::Result<Credentials> LoadCredentials(const CredentialSource& source);

/// The credentials in force, replaced as a whole.
///
/// Threads: any.
class CredentialStore {
 public:
  /// `credentials` are those that were loaded from `sources`, both indexed as the provider table.
  CredentialStore(std::vector<CredentialSource> sources, std::vector<Credentials> credentials);

  /// Requests under way keep the set that they have got.
  [[nodiscard]] std::shared_ptr<const Authenticity> current() const;

  /// Reads the files again. A row whose file is then missing, unreadable or empty keeps its values;
  /// all do where there is no memory for the new ones.
  void Reload(SecretsEvents& events);

 private:
  void ReadAgain(std::vector<Credentials>& credentials, SecretsEvents& events);

  std::vector<CredentialSource> sources_;
  common::Guarded<std::vector<Credentials>> credentials_;
  common::Guarded<std::shared_ptr<const Authenticity>> current_;
};

}  // namespace ingest
