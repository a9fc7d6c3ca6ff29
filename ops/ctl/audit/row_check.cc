#include "ops/ctl/audit/row_check.h"

namespace ctl {

bool LacksRow(const common::RecordHeaders& headers, const common::ProviderTable& providers,
              RowSource source) {
  const std::string_view name =
      common::LastHeader(headers, common::header::kProvider).value_or(common::kUnknownProvider);
  const common::ProviderTable::Index row = providers.Resolve(name);
  const bool is_event = common::LastHeader(headers, common::header::kEventId).has_value();
  if (is_event && !providers[row].events) return true;
  return source == RowSource::kBuiltIn && row == common::ProviderTable::kUnknown &&
         name != common::kUnknownProvider;
}

}  // namespace ctl
