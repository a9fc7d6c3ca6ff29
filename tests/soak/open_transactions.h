#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/kafka/handles.h"

namespace soak {

/// Foreign transactions that do not end. Readers of committed records stop before them.
///
/// Errors: thrown, with librdkafka's reason.
class OpenTransactions {
 public:
  explicit OpenTransactions(std::string bootstrap) : bootstrap_(std::move(bootstrap)) {}

  /// Returns once the partition has the transaction's record.
  void Open(const std::string& topic, std::int32_t partition);
  /// Aborts all of them.
  void AbortAll();

 private:
  std::string bootstrap_;
  std::vector<common::kafka::Handle> producers_;
};

}  // namespace soak
