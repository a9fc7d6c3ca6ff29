#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace consumer {

/// One of the configured clients of the Assure API: its position among them. 0 is the client of
/// `assure:`, the only one without `accounts:`.
using AccountIndex = std::size_t;

constexpr AccountIndex kAssureAccount = 0;

/// Which account asks for the callbacks of each provider row.
class AccountsOfRows {
 public:
  /// All rows use the client of `assure:`.
  AccountsOfRows() = default;
  /// `by_row`: by position in the provider table. `count`: of the accounts.
  AccountsOfRows(std::vector<AccountIndex> by_row, std::size_t count)
      : by_row_(std::move(by_row)), count_(count) {}

  [[nodiscard]] AccountIndex Of(std::size_t row) const {
    return row < by_row_.size() ? by_row_[row] : kAssureAccount;
  }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  std::vector<AccountIndex> by_row_;
  std::size_t count_ = 1;
};

}  // namespace consumer
