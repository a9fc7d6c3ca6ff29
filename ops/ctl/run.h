#pragma once

#include <iosfwd>
#include <string_view>
#include <vector>

namespace ctl {

/// Runs sluicectl and returns the exit status. `is_terminal`: a person reads `err`.
[[nodiscard]] int Run(const std::vector<std::string_view>& arguments, std::ostream& out,
                      std::ostream& err, bool is_terminal = false);

}  // namespace ctl
