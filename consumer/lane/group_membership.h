#pragma once

#include <cstdint>
#include <string>

namespace consumer {

/// Who a consumer is in its group at one moment. A transaction carries it with its offsets, and the
/// broker refuses the commit of a member whose generation is over.
struct GroupMembership {
  std::int32_t generation = -1;
  std::string member_id;
  std::string serialized;  ///< The client library's own form, for the producer.

  /// Whether the broker can fence a commit that carries it. Generation -1 with an empty member id
  /// is accepted from anybody in a transaction (A2): such a commit must never be sent.
  [[nodiscard]] bool IsFenceable() const {
    return generation >= 0 && !member_id.empty() && !serialized.empty();
  }
};

}  // namespace consumer
