#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/number.h"
#include "common/base/result.h"

namespace simulator {

/// One option of a command line: --name VALUE or --name=VALUE, or a flag: --name.
struct Option {
  std::string_view name;   ///< Without dashes.
  std::string_view wants;  ///< What VALUE must be, for the error; empty: a flag.
  std::function<bool(std::string_view value)> set;  ///< False: the value is not that.
};

/// Calls `set` for each option in their order.
/// Errors: kReject, a sentence about the first argument that is wrong; never a value, which might
///         be a secret.
common::Result<void> ParseArguments(const std::vector<std::string_view>& arguments,
                                    const std::vector<Option>& options);

/// For Option::set: the whole value as a number of at least `least`.
template <typename Number>
auto SetNumber(Number& target, Number least) {
  return [&target, least](std::string_view value) {
    const auto number = common::ParseNumber<Number>(value);
    if (!number || !(*number >= least)) return false;
    target = *number;
    return true;
  };
}

/// For Option::set: any text.
inline auto SetText(std::string& target) {
  return [&target](std::string_view value) {
    target = value;
    return true;
  };
}

/// For a flag's Option::set.
inline auto SetFlag(bool& target) {
  return [&target](std::string_view /*no value*/) { return target = true; };
}

}  // namespace simulator
