#pragma once

#include <string_view>

namespace fuzz {

/// Ends the run unless `holds`; the fuzzer, or the replay, keeps the input that has led here.
void Require(bool holds, std::string_view what);

}  // namespace fuzz
