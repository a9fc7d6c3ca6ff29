#pragma once

#include <functional>
#include <optional>

#include "consumer/kafka/client_settings.h"
#include "consumer/kafka/log_reader.h"
#include "consumer/lane/restorer.h"

namespace consumer {

/// Ends transactions of the instance's own that Kafka forgot to end, if the evidence is beyond
/// doubt: the records name their owner, and the decision follows, without contradiction, from
/// records of the same transaction on the sibling topic (the marker of a result, the result of a
/// marker), from its dead letters, or from the partition's committed offset. Leaves everything else
/// to an operator.
///
/// For a transaction that was cut off before it wrote to both topics, the only evidence is the
/// offset: an earlier one. Its callbacks are read again from there, so aborting it loses nothing.
/// If the sibling topic shows nothing, a visible dead letter outweighs that offset: Kafka may have
/// forgotten the offset and the end on both topics (ADR 0015).
///
/// Threads: confined to the restorer's; blocks for at most 15 s per partition and a minute per
///          transaction.
class ForgottenEnder {
 public:
  explicit ForgottenEnder(ClientSettings settings) : settings_(std::move(settings)) {}

  /// None: not ours to end. Calls `beat` between the steps.
  [[nodiscard]] std::optional<EndedTransaction> TryEnd(LogReader& reader, const StuckRestore& stuck,
                                                       const std::function<void()>& beat) const;

 private:
  [[nodiscard]] std::optional<common::Twins> FindTwins(LogReader& reader, const std::string& topic,
                                                       Partition partition,
                                                       const common::TransactionName& name) const;
  /// On any partition of `callbacks.dead`. None: they could not be read, or one may be hidden.
  [[nodiscard]] std::optional<common::Twins> FindLetters(LogReader& reader,
                                                         const common::TransactionName& name,
                                                         const std::function<void()>& beat) const;

  ClientSettings settings_;
};

}  // namespace consumer
