#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/domain/transaction_evidence.h"

namespace ctl {

/// Transactions that are visible for some partitions of `callbacks` and were aborted as a whole for
/// others. Kafka breaks its promise that way if it forgets a transaction's end, and a later one of
/// the same producer ends it with its own outcome. consumer then handles the callbacks of the
/// others again, so by itself it is no anomaly: an audit tells whether something is missing or
/// doubled.
///
/// Memory: 8 bytes for each transaction and partition.
class UndoneTransactions {
 public:
  void Add(const common::TransactionName& name, bool is_visible) {
    const std::size_t hash =
        std::hash<std::string>{}(name.instance + ":" + std::to_string(name.number));
    (is_visible ? visible_ : aborted_).push_back(hash);
  }
  [[nodiscard]] std::size_t Count();

 private:
  std::vector<std::size_t> visible_;
  std::vector<std::size_t> aborted_;
};

}  // namespace ctl
