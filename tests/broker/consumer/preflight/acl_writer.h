#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tests {

/// One entry that allows something. Kafka's numbers.
struct Allowance {
  enum class Resource : std::uint8_t { kTopic = 2, kGroup = 3, kCluster = 4, kTransactionalId = 5 };
  enum class Operation : std::uint8_t {
    kRead = 3,
    kWrite = 4,
    kDescribe = 8,
    kDescribeConfigs = 10,
  };

  Resource resource = Resource::kTopic;
  std::string name;
  Operation operation = Operation::kRead;
  std::string principal;
};

/// Creates the entries with a request of its own: librdkafka before 2.3 has no transactional ids.
/// Errors: thrown.
void Allow(const std::string& bootstrap, const std::vector<Allowance>& allowances);

}  // namespace tests
