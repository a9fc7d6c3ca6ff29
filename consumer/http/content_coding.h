#pragma once

#include <string_view>

namespace consumer {

/// True if `codings`, the value of a Content-Encoding, contains no registered coding (IANA's
/// registry of HTTP content codings): "UTF-8", "none", "binary". Some servers send such values with
/// a plain body. `identity` does not count as a coding.
[[nodiscard]] bool NamesNoCoding(std::string_view codings);

}  // namespace consumer
