#include "ingest/policy/authenticity.h"

#include "common/base/hmac.h"

namespace ingest {
namespace {

bool MatchesAny(const std::vector<common::Sha256Digest>& secrets,
                const common::Sha256Digest& digest) {
  bool matches = false;
  for (const common::Sha256Digest& secret : secrets) {
    // No short cut: the time must not tell which secret it was.
    matches |= common::EqualsInConstantTime(secret, digest);
  }
  return matches;
}

}  // namespace

Authenticity::Authenticity(const std::vector<Credentials>& by_row) : rows_(by_row.size()) {
  for (std::size_t index = 0; index < by_row.size(); ++index) {
    rows_[index].open = by_row[index].open;
    rows_[index].signing_keys = by_row[index].signing_keys;
    for (const std::string& secret : by_row[index].accepted) {
      const common::Sha256Digest digest = common::Sha256(secret);
      rows_[index].accepted.push_back(digest);
      if (index != common::ProviderTable::kUnknown && by_row[index].signing_keys.empty()) {
        rows_[common::ProviderTable::kUnknown].accepted.push_back(digest);
      }
    }
  }
}

bool Authenticity::Accepts(common::ProviderTable::Index row,
                           std::optional<std::string_view> offered) const {
  if (row >= rows_.size()) return false;
  if (rows_[row].open || DependsOnSignature(row)) return true;
  if (!offered) return false;
  return MatchesAny(rows_[row].accepted, common::Sha256(*offered));
}

std::optional<common::ProviderTable::Index> Authenticity::OwnerOf(
    std::optional<std::string_view> offered) const {
  if (!offered) return std::nullopt;
  const common::Sha256Digest digest = common::Sha256(*offered);
  std::optional<common::ProviderTable::Index> owner;
  for (std::size_t row = common::ProviderTable::kUnknown + 1; row < rows_.size(); ++row) {
    if (!rows_[row].signing_keys.empty()) continue;
    const bool matches = MatchesAny(rows_[row].accepted, digest);
    if (matches && !owner) owner = static_cast<common::ProviderTable::Index>(row);
  }
  return owner;
}

std::span<const std::string> Authenticity::SigningKeysOf(common::ProviderTable::Index row) const {
  if (row >= rows_.size()) return {};
  return rows_[row].signing_keys;
}

bool Authenticity::KnowsSender(common::ProviderTable::Index row) const {
  return row < rows_.size() && !rows_[row].open && !DependsOnSignature(row);
}

bool Authenticity::DependsOnSignature(common::ProviderTable::Index row) const {
  return row < rows_.size() && rows_[row].accepted.empty() && !rows_[row].signing_keys.empty();
}

}  // namespace ingest
