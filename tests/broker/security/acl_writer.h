#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tests {

/// One entry that allows something. Kafka's numbers.
struct Allowance {
  enum class Resource : std::uint8_t { kTopic = 2, kGroup = 3, kCluster = 4, kTransactionalId = 5 };
  enum class Operation : std::uint8_t {
    kAll = 2,
    kRead = 3,
    kWrite = 4,
    kDescribe = 8,
    kDescribeConfigs = 10,
  };

  Resource resource = Resource::kTopic;
  std::string name;
  Operation operation = Operation::kRead;
  std::string principal;
  bool is_prefix = false;  ///< `name` begins the names meant.
};

/// Creates the entries with a request of its own: librdkafka before 2.3 has no transactional ids.
/// Errors: thrown.
void Allow(const std::string& bootstrap, const std::vector<Allowance>& allowances);

/// Gives a user a password for SCRAM-SHA-512. librdkafka has no request for it before 2.2.
/// Errors: thrown.
void AddScramUser(const std::string& bootstrap, const std::string& user,
                  const std::string& password);

}  // namespace tests
