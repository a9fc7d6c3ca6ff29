#pragma once

#include <iosfwd>
#include <string_view>
#include <vector>

namespace ctl {

/// The whole program but for main(): returns the exit status.
[[nodiscard]] int Run(const std::vector<std::string_view>& arguments, std::ostream& out,
                      std::ostream& err);

}  // namespace ctl
