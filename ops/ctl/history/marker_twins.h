#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "common/domain/marker.h"
#include "common/domain/offset.h"

namespace ctl {

/// Finds markers that occur twice: one callback was marked by two transactions. Two markers of one
/// identity with different record times are those of two callbacks, which an audit judges.
///
/// Memory: 24 bytes for each marker.
class MarkerTwins {
 public:
  void Add(const common::Marker& marker, common::Offset offset);
  /// Calls with the offsets of a marker and of the same one before it.
  void ForEach(const std::function<void(common::Offset offset, common::Offset before)>& visit);

 private:
  struct Seen {
    std::uint64_t first_half = 0;  ///< Of the identity, mixed with the record time.
    std::uint64_t second_half = 0;
    common::Offset offset{};
  };
  std::vector<Seen> seen_;
};

}  // namespace ctl
