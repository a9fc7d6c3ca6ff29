#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ctl {

/// Compares the ids in a record of `processes` with each other: the key, processId and dossierId of
/// the callback, and those of the documents, where `fetch.keep` and `fetch.redact` have left them.
/// Returns a clause that names two that differ; nullopt if all agree, or if the value is not a
/// result.
[[nodiscard]] std::optional<std::string> FindForeignId(std::string_view key,
                                                       std::string_view value);

}  // namespace ctl
