#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace ingest {

// text := *( character / escape )
//         character: valid UTF-8, unchanged
//         escape   : "%" 2HEXDIG, for a byte outside of valid UTF-8   ; as in a URL

/// Makes `text` valid UTF-8 for a record header. Cuts it between characters or escapes at `limit`
/// bytes. Valid UTF-8 stays unchanged, including "%".
[[nodiscard]] std::string Utf8Text(std::string_view text,
                                   std::size_t limit = std::numeric_limits<std::size_t>::max());

}  // namespace ingest
