#include "ingest/policy/authenticity.h"

namespace ingest {
namespace {

/// Returns 0 exactly if both digests are equal. Looks at every byte.
unsigned Difference(const common::Sha256Digest& a, const common::Sha256Digest& b) {
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned>(a[i]) ^ static_cast<unsigned>(b[i]);
  }
  return difference;
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
  const common::Sha256Digest digest = common::Sha256(*offered);
  unsigned matches = 0;
  for (const common::Sha256Digest& accepted : rows_[row].accepted) {
    // Yields 1 if the difference is 0, otherwise 0, without a branch: only 0 - 1 borrows.
    matches |= (Difference(accepted, digest) - 1U) >> 31U;
  }
  return matches != 0;
}

std::span<const std::string> Authenticity::SigningKeysOf(common::ProviderTable::Index row) const {
  if (row >= rows_.size()) return {};
  return rows_[row].signing_keys;
}

bool Authenticity::DependsOnSignature(common::ProviderTable::Index row) const {
  return row < rows_.size() && rows_[row].accepted.empty() && !rows_[row].signing_keys.empty();
}

}  // namespace ingest
