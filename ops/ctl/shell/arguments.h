#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/base/rfc3339.h"

namespace ctl {

/// A usage error, in a sentence: exit status 2.
[[nodiscard]] common::Error Reject(std::string detail);
/// The command was asked to end before it was done: kRetry "interrupted".
[[nodiscard]] common::Error Interrupted(std::string detail = "interrupted");

/// The arguments of one call: options by name, operands in order.
class Arguments {
 public:
  using Options = std::map<std::string, std::string, std::less<>>;

  explicit Arguments(Options options = {}, std::vector<std::string> operands = {})
      : options_(std::move(options)), operands_(std::move(operands)) {}

  [[nodiscard]] bool Has(std::string_view name) const { return options_.contains(name); }
  /// Empty if absent.
  [[nodiscard]] std::string Text(std::string_view name) const;
  /// Errors: kReject if it is not a whole number from `min` to `max`.
  [[nodiscard]] common::Result<int> Number(std::string_view name, int absent, int min,
                                           int max) const;
  /// Errors: kReject if it is not an RFC 3339 time.
  [[nodiscard]] common::Result<std::optional<common::WallTime>> Time(std::string_view name) const;
  /// The beginning of a time range: --from TIME, or --since DURATION before `now`. Errors: kReject
  /// as above, for a duration that is invalid or not positive, or if both are given.
  [[nodiscard]] common::Result<std::optional<common::WallTime>> From(common::WallTime now) const;

  /// Precondition: index < operands().size().
  [[nodiscard]] const std::string& Operand(std::size_t index) const { return operands_.at(index); }
  [[nodiscard]] const std::vector<std::string>& operands() const { return operands_; }

 private:
  Options options_;
  std::vector<std::string> operands_;
};

}  // namespace ctl
