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
/// marker) or from the partition's committed offset. Leaves everything else to an operator.
///
/// For a transaction that was cut off before it wrote to both topics, the only evidence is the
/// offset: an earlier one. Its callbacks are read again from there, so aborting it loses nothing.
///
/// Threads: confined to the restorer's; blocks for at most a minute per transaction.
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

  ClientSettings settings_;
};

}  // namespace consumer
