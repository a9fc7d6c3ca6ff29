#pragma once

#include <cstdint>
#include <string>

namespace consumer {

/// A consumer's membership in its group at one moment. A transaction sends it with the offsets, and
/// the broker refuses the commit of a member with an outdated generation.
struct GroupMembership {
  std::int32_t generation = -1;
  std::string member_id;
  std::string serialized;  ///< The client library's format, for the producer.

  /// True if the broker can fence a commit that carries it. In a transaction, the broker accepts
  /// generation -1 with an empty member id from anybody (A2): never send such a commit.
  [[nodiscard]] bool IsFenceable() const {
    return generation >= 0 && !member_id.empty() && !serialized.empty();
  }
};

}  // namespace consumer
