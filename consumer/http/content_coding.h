#pragma once

#include <string_view>

namespace consumer {

/// Whether `codings`, the value of a Content-Encoding, names none of the codings that there are
/// (IANA's registry of HTTP content codings): "UTF-8", "none", "binary". Some servers say such
/// things of a body that is not coded at all. `identity` is none either.
[[nodiscard]] bool NamesNoCoding(std::string_view codings);

}  // namespace consumer
