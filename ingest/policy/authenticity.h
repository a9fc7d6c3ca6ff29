#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/sha256.h"
#include "common/domain/provider_rules.h"

namespace ingest {

/// What the configuration says about one row.
struct Credentials {
  std::vector<std::string> accepted{};  ///< Whole Authorization values; several while one rotates.
  bool open = false;                    ///< `auth: none`, written out.

  [[nodiscard]] bool empty() const { return accepted.empty() && !open; }
};

/// Who may hand in a callback: the whole Authorization value against every accepted one.
///
/// Time:     Accepts() compares digests, all of them and to their ends, so that its duration
/// depends
///           on the length of the offered value and on the number of secrets only: not on where a
///           mismatch is, on which secret matched, or on how long the secrets are.
/// Threads:  immutable after construction.
class Authenticity {
 public:
  /// `by_row` is indexed as the provider table is; missing ones at its end have no credentials. The
  /// row `unknown` accepts the secrets of all rows besides its own: a mistyped notification URL
  /// carries a real provider's secret.
  explicit Authenticity(const std::vector<Credentials>& by_row);

  /// `offered`: the value of the one Authorization field; nullopt if there is none, or more than
  /// one.
  [[nodiscard]] bool Accepts(common::ProviderTable::Index row,
                             std::optional<std::string_view> offered) const;

 private:
  struct Row {
    std::vector<common::Sha256Digest> accepted;
    bool open = false;
  };
  std::vector<Row> rows_;
};

}  // namespace ingest
