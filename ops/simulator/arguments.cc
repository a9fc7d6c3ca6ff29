#include "ops/simulator/arguments.h"

#include <algorithm>
#include <optional>

namespace simulator {
namespace {

common::Error Reject(std::string detail) {
  return {common::Remedy::kReject, "bad_arguments", std::move(detail)};
}

}  // namespace

common::Result<void> ParseArguments(const std::vector<std::string_view>& arguments,
                                    const std::vector<Option>& options) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view name = arguments[i];
    if (!name.starts_with("--"))
      return Reject("argument " + std::to_string(i + 1) + " is not an option");
    name.remove_prefix(2);
    std::optional<std::string_view> value;
    if (const std::size_t equals = name.find('='); equals != std::string_view::npos) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
    }
    const auto option = std::find_if(options.begin(), options.end(),
                                     [&](const Option& known) { return known.name == name; });
    const std::string shown = "--" + std::string(name);
    if (option == options.end()) return Reject(shown + " is not an option");
    if (option->wants.empty()) {
      if (value) return Reject(shown + " takes no value");
      option->set({});
      continue;
    }
    if (!value) {
      if (i + 1 == arguments.size()) return Reject(shown + " needs a value");
      value = arguments[++i];
    }
    if (!option->set(*value)) return Reject(shown + " must be " + std::string(option->wants));
  }
  return {};
}

}  // namespace simulator
