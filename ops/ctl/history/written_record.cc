#include "ops/ctl/history/written_record.h"

#include "ops/ctl/records/header_values.h"

namespace ctl {
namespace {

using common::LastHeader;
namespace header = common::header;

// The event's own; and one for callbacks of unknown routes where announced processes are watched.
int MoreMarkers(const common::RecordHeaders& headers, const common::ProviderTable& providers) {
  const auto row =
      providers.Resolve(LastHeader(headers, header::kProvider).value_or(common::kUnknownProvider));
  if (row == common::ProviderTable::kUnknown) return 2;
  return providers[row].events ? 1 : 0;
}

}  // namespace

WrittenRecord DescribeWritten(Written kind, const HistoryLog& log, const ScannedRecord& record,
                              const common::RecordHeaders& headers,
                              const common::ProviderTable& providers) {
  WrittenRecord written{.kind = kind,
                        .partition = record.partition(),
                        .offset = record.offset(),
                        .is_open = record.offset() >= log.stable.at(record.partition()),
                        .is_copy = LastHeader(headers, header::kRepaired).has_value(),
                        .is_reconciled = IsReconciled(headers)};
  const auto settled = log.settled.find(record.partition());
  written.is_settled = settled != log.settled.end() && record.offset() < settled->second;
  if (kind == Written::kMarker) {
    const auto marker = common::ReadMarker(record.key(), headers, record.time());
    if (marker) written.outcome = marker->outcome;
  } else {
    written.more_markers = MoreMarkers(headers, providers);
  }
  return written;
}

}  // namespace ctl
