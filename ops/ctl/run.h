#pragma once

#include <iosfwd>
#include <string_view>
#include <vector>

namespace ctl {

/// The readers of the output.
struct Audience {
  bool is_terminal = false;  ///< A person reads `err`.
  bool has_colours = false;  ///< `out` is a terminal with colours that wants them.
};

/// Runs sluicectl and returns the exit status.
[[nodiscard]] int Run(const std::vector<std::string_view>& arguments, std::ostream& out,
                      std::ostream& err, const Audience& audience = {});

}  // namespace ctl
