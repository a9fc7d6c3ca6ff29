#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace ctl {

inline constexpr std::size_t kMostOfAText = 256;

/// Cuts a text of a record to kMostOfAText bytes, at the end of a UTF-8 character, and "…" behind
/// them. Senders may send almost 1 MiB; whoever keeps the texts of many records keeps excerpts.
void CutToExcerpt(std::string& text);
void CutToExcerpt(std::optional<std::string>& text);

}  // namespace ctl
