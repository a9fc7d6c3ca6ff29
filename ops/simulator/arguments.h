#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/number.h"
#include "common/base/result.h"

namespace simulator {

/// One option of a command line: --name VALUE or --name=VALUE, or a flag: --name. May be repeated.
struct Option {
  std::string_view name;   ///< Without dashes.
  std::string_view wants;  ///< The expected form of VALUE, for the error; empty: a flag.
  std::function<bool(std::string_view value)> set;  ///< False: invalid value.
};

/// The error of arguments that make no sense: kReject.
common::Error BadArguments(std::string detail);

/// Calls `set` for each value: option by option, and the values of one option in their order.
/// Errors: kReject, with a sentence on the first invalid argument. The sentence never contains a
///         value, which might be a secret.
common::Result<void> ParseArguments(const std::vector<std::string_view>& arguments,
                                    const std::vector<Option>& options);

/// An Option::set for a number of at least `least`.
template <typename Number>
auto SetNumber(Number& target, Number least) {
  return [&target, least](std::string_view value) {
    const auto number = common::ParseNumber<Number>(value);
    if (!number || !(*number >= least)) return false;
    target = *number;
    return true;
  };
}

/// An Option::set for any text.
inline auto SetText(std::string& target) {
  return [&target](std::string_view value) {
    target = value;
    return true;
  };
}

/// The Option::set of a flag.
inline auto SetFlag(bool& target) {
  return [&target](std::string_view /*no value*/) { return target = true; };
}

}  // namespace simulator
