#include "consumer/state/transaction_evidence.h"

#include <chrono>

#include "common/base/number.h"

namespace consumer {
namespace {

std::optional<TransactionName> NameOf(std::string_view instance, std::string_view number) {
  const auto parsed = common::ParseNumber<std::uint64_t>(number);
  if (instance.empty() || !parsed) return std::nullopt;
  return TransactionName{std::string(instance), *parsed};
}

Verdict Of(const TransactionName& open, const OffsetWitnessed& offset) {
  if (!offset.is_stable || !offset.metadata) return Verdict::kUnknown;
  const auto committed = NameOf(offset.metadata->instance, offset.metadata->transaction);
  if (!committed) return Verdict::kUnknown;
  if (*committed == open) return Verdict::kCommitted;
  return committed->number < open.number ? Verdict::kAborted : Verdict::kUnknown;
}

}  // namespace

template <typename Headers>
std::optional<TransactionName> ReadTransactionName(const Headers& headers) {
  const auto instance = common::LastHeader(headers, common::header::kInstance);
  const auto number = common::LastHeader(headers, common::header::kTransaction);
  return NameOf(instance.value_or(""), number.value_or(""));
}
template std::optional<TransactionName> ReadTransactionName(const common::RecordHeaders& headers);
template std::optional<TransactionName> ReadTransactionName(const common::HeaderViews& headers);

common::WallTime BegunAt(const TransactionName& name) {
  constexpr std::uint64_t kMicrosecondsEach = 1'000;
  return common::WallTime(
      std::chrono::milliseconds(static_cast<std::int64_t>(name.number / kMicrosecondsEach)));
}

std::string_view ToText(Verdict verdict) {
  switch (verdict) {
    case Verdict::kCommitted:
      return "committed";
    case Verdict::kAborted:
      return "aborted";
    case Verdict::kUnknown:
      return "unknown";
    case Verdict::kContradiction:
      return "contradiction";
  }
  return "";
}

Verdict Judge(const TransactionName& open, const std::vector<OffsetWitnessed>& offsets,
              const Twins& twins) {
  bool is_committed = twins.visible > 0;
  bool is_aborted = twins.vanished > 0;
  for (const OffsetWitnessed& offset : offsets) {
    const Verdict verdict = Of(open, offset);
    is_committed = is_committed || verdict == Verdict::kCommitted;
    is_aborted = is_aborted || verdict == Verdict::kAborted;
  }
  if (is_committed && is_aborted) return Verdict::kContradiction;
  if (is_committed) return Verdict::kCommitted;
  return is_aborted ? Verdict::kAborted : Verdict::kUnknown;
}

}  // namespace consumer
