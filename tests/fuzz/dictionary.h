#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

// dictionary := { ( comment | entry | ) LF }           ; libFuzzer's form
// comment    := "#" text
// entry      := [ name "=" ] DQUOTE { char | "\\" ( "\\" | DQUOTE | "x" hex hex ) } DQUOTE

/// Returns the texts of the entries.
[[nodiscard]] std::vector<std::string> ParseDictionary(std::string_view text);

}  // namespace fuzz
