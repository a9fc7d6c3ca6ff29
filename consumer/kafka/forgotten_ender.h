#pragma once

#include <functional>
#include <optional>

#include "consumer/kafka/client_settings.h"
#include "consumer/kafka/log_reader.h"
#include "consumer/lane/restorer.h"

namespace consumer {

/// Ends what Kafka forgot to end, where it is the instance's own and what became of it is beyond
/// doubt: its records say whose they are, and records of the same transaction on the sibling topic
/// (the marker of a result, the result of a marker) or the committed offset of the partition say
/// how it was decided, without contradicting each other. Everything else is left to an operator.
///
/// A transaction that was cut before it had written to both topics has the offset alone: that of an
/// earlier one. Its callbacks are read again from there, so ending it as aborted loses nothing.
///
/// Threads: confined to the restorer's; blocks, a minute at most for each.
class ForgottenEnder {
 public:
  explicit ForgottenEnder(ClientSettings settings) : settings_(std::move(settings)) {}

  /// None: it is not for us to end. `beat` is called between the steps.
  [[nodiscard]] std::optional<EndedTransaction> TryEnd(LogReader& reader, const StuckRestore& stuck,
                                                       const std::function<void()>& beat) const;

 private:
  [[nodiscard]] std::optional<Twins> FindTwins(LogReader& reader, const std::string& topic,
                                               Partition partition,
                                               const TransactionName& name) const;

  ClientSettings settings_;
};

}  // namespace consumer
