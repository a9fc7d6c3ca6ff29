#pragma once

#include <cstddef>
#include <optional>
#include <span>
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
  std::vector<std::string> signing_keys{};  ///< Of a row that asks for a signature.

  [[nodiscard]] bool empty() const { return accepted.empty() && !open && signing_keys.empty(); }
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
  /// carries a real provider's secret. Not those of rows that ask for a signature, too: they would
  /// be a way around it.
  explicit Authenticity(const std::vector<Credentials>& by_row);

  /// `offered`: the value of the only Authorization field; nullopt if there is none or more than
  /// one. A row that asks for a signature alone accepts every value: its events are authenticated
  /// with their body.
  [[nodiscard]] bool Accepts(common::ProviderTable::Index row,
                             std::optional<std::string_view> offered) const;

  /// The row whose secret `offered` is: who it was that came to the row `unknown`. The first row if
  /// several have the same secret; none if it is no row's, or that of `unknown` alone.
  [[nodiscard]] std::optional<common::ProviderTable::Index> OwnerOf(
      std::optional<std::string_view> offered) const;

  /// The keys of a row that asks for a signature. Empty: no signature is right.
  [[nodiscard]] std::span<const std::string> SigningKeysOf(common::ProviderTable::Index row) const;
  /// True if the head of an accepted request proves who sent it. False for `auth: none`, and where
  /// all depends on the signature.
  [[nodiscard]] bool KnowsSender(common::ProviderTable::Index row) const;

 private:
  /// The head of a request says nothing about its sender: all depends on the signature.
  [[nodiscard]] bool DependsOnSignature(common::ProviderTable::Index row) const;

  struct Row {
    std::vector<common::Sha256Digest> accepted;
    std::vector<std::string> signing_keys;
    bool open = false;
  };
  std::vector<Row> rows_;
};

}  // namespace ingest
