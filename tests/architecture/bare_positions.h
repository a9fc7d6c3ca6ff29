#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tests {

/// The declarations in a file that give a bare number the name of a partition or an offset, or give
/// the type of one to bare numbers: one readable line each. These are common::Partition and
/// common::Offset; numbers of bytes, which are unsigned, may be offsets, too.
[[nodiscard]] std::vector<std::string> FindBarePositions(const std::string& path,
                                                         std::string_view text);

}  // namespace tests
