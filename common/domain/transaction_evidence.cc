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
  for (const OffsetWitnessed& offset : offsets) {
    const TransactionOutcome verdict = Of(open, offset);
    is_committed = is_committed || verdict == TransactionOutcome::kCommitted;
    is_aborted = is_aborted || verdict == TransactionOutcome::kAborted;
  }
  if (is_committed && is_aborted) return TransactionOutcome::kContradiction;
  if (is_committed) return TransactionOutcome::kCommitted;
  return is_aborted ? TransactionOutcome::kAborted : TransactionOutcome::kUnknown;
}

}  // namespace common
