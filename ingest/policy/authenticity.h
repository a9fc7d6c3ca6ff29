#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/sha256.h"
#include "common/domain/provider_rules.h"

namespace ingest {

/// The credentials configured for one row.
struct Credentials {
  std::vector<std::string> accepted{};  ///< Whole Authorization values; several during a rotation.
  bool open = false;                    ///< `auth: none` is configured.

  [[nodiscard]] bool empty() const { return accepted.empty() && !open; }
};

/// Decides who may send a callback: compares the whole Authorization value with every accepted one.
///
/// Time:    Accepts() compares all digests to their ends. Its duration depends only on the length
///          of the offered value and the number of secrets, not on the position of a mismatch, the
///          matching secret or the length of the secrets.
/// Threads: immutable after construction.
class Authenticity {
 public:
  /// `by_row` has the provider table's indices; missing rows at its end have no credentials. The
  /// row `unknown` also accepts the secrets of all other rows, because a mistyped notification URL
  /// carries a real provider's secret.
  explicit Authenticity(const std::vector<Credentials>& by_row);

  /// `offered`: the value of the only Authorization field; nullopt if there is none or more than
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
