#pragma once

#include "common/domain/provider_rules.h"
#include "common/domain/record_headers.h"

namespace ctl {

/// Where the rows of an audit come from.
enum class RowSource {
  kFile,     ///< The file of --config: consumer's own.
  kBuiltIn,  ///< consumer may have others.
};

/// True if consumer certainly or, with built-in rows, probably judges the record by a row that
/// `providers` lacks. Then its identity here is not the one that consumer has marked, and its
/// outcome only seems to be missing. Such a record names a provider without a row, or it is an
/// event (`event-id`) whose row here is not of events. With consumer's own file, a provider without
/// a row is one that consumer does not know either.
[[nodiscard]] bool LacksRow(const common::RecordHeaders& headers,
                            const common::ProviderTable& providers, RowSource source);

}  // namespace ctl
