#include "common/domain/transaction_evidence.h"

#include <chrono>

#include "common/base/number.h"

namespace common {
namespace {

std::optional<TransactionName> NameOf(std::string_view instance, std::string_view number) {
  const auto parsed = ParseNumber<std::uint64_t>(number);
  if (instance.empty() || !parsed) return std::nullopt;
  return TransactionName{std::string(instance), *parsed};
}

TransactionOutcome Of(const TransactionName& open, const OffsetWitnessed& offset) {
  if (!offset.is_stable || !offset.metadata) return TransactionOutcome::kUnknown;
  const auto committed = NameOf(offset.metadata->instance, offset.metadata->transaction);
  if (!committed) return TransactionOutcome::kUnknown;
  if (*committed == open) return TransactionOutcome::kCommitted;
  return committed->number < open.number ? TransactionOutcome::kAborted
                                         : TransactionOutcome::kUnknown;
}

}  // namespace

template <typename Headers>
std::optional<TransactionName> ReadTransactionName(const Headers& headers) {
  const auto instance = LastHeader(headers, header::kInstance);
  const auto number = LastHeader(headers, header::kTransaction);
  return NameOf(instance.value_or(""), number.value_or(""));
}
template std::optional<TransactionName> ReadTransactionName(const RecordHeaders& headers);
template std::optional<TransactionName> ReadTransactionName(const HeaderViews& headers);

WallTime BegunAt(const TransactionName& name) {
  constexpr std::uint64_t kMicrosecondsEach = 1'000;
  return WallTime(
      std::chrono::milliseconds(static_cast<std::int64_t>(name.number / kMicrosecondsEach)));
}

template <typename Headers>
void TwinTally::AddWritten(Offset offset, const Headers& headers) {
  const auto name = ReadTransactionName(headers);
  if (!name || !names_.contains(*name)) return;
  written_[offset] = {.name = *name, .is_copy = LastHeader(headers, header::kRepaired).has_value()};
}
template void TwinTally::AddWritten(Offset offset, const RecordHeaders& headers);
template void TwinTally::AddWritten(Offset offset, const HeaderViews& headers);

void TwinTally::AddVisible(Offset offset) {
  if (const auto found = written_.find(offset); found != written_.end()) {
    found->second.is_visible = true;
  }
}

Twins TwinTally::Of(const TransactionName& name) const {
  Twins twins;
  for (const auto& [offset, record] : written_) {
    if (record.name != name) continue;
    twins.visible += record.is_visible ? 1 : 0;
    twins.vanished += record.is_visible || record.is_copy ? 0 : 1;
  }
  if (twins.visible > 0) twins.vanished = 0;
  return twins;
}

std::string_view ToText(TransactionOutcome verdict) {
  switch (verdict) {
    case TransactionOutcome::kCommitted:
      return "committed";
    case TransactionOutcome::kAborted:
      return "aborted";
    case TransactionOutcome::kUnknown:
      return "unknown";
    case TransactionOutcome::kContradiction:
      return "contradiction";
  }
  return "";
}

TransactionOutcome JudgeTransaction(const TransactionName& open,
                                    const std::vector<OffsetWitnessed>& offsets,
                                    const Twins& twins) {
  bool is_committed = twins.visible > 0;
  bool is_aborted = twins.vanished > 0;
  bool is_replaced = false;  // by an earlier offset
  for (const OffsetWitnessed& offset : offsets) {
    const TransactionOutcome verdict = Of(open, offset);
    is_committed = is_committed || verdict == TransactionOutcome::kCommitted;
    is_replaced = is_replaced || verdict == TransactionOutcome::kAborted;
  }
  is_aborted = is_aborted || (is_replaced && twins.visible == 0);
  if (is_committed && is_aborted) return TransactionOutcome::kContradiction;
  if (is_committed) return TransactionOutcome::kCommitted;
  return is_aborted ? TransactionOutcome::kAborted : TransactionOutcome::kUnknown;
}

}  // namespace common
