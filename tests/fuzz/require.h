#pragma once

#include <string_view>

namespace fuzz {

/// Aborts the run unless `holds`. The fuzzer, or the replay, keeps the failing input.
void Require(bool holds, std::string_view what);

}  // namespace fuzz
