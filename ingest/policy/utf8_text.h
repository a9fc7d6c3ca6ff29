#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace ingest {

// text := *( character / escape )
//         character: one of UTF-8, as it came
//         escape   : "%" 2HEXDIG, for a byte that belongs to none   ; as in a URL

/// `text` as UTF-8, for the header of a record: at most `limit` bytes, cut between two of these.
/// Valid UTF-8 stays as it is, its "%" too.
[[nodiscard]] std::string Utf8Text(std::string_view text,
                                   std::size_t limit = std::numeric_limits<std::size_t>::max());

}  // namespace ingest
