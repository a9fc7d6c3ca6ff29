#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "common/domain/marker.h"

namespace ctl {

/// Finds markers that occur twice: one callback was marked by two transactions. Two markers of one
/// identity with different record times are those of two callbacks, which an audit judges.
///
/// Memory: 24 bytes for each marker.
class MarkerTwins {
 public:
  void Add(const common::Marker& marker, std::int64_t offset);
  /// Calls with the offsets of a marker and of the same one before it.
  void ForEach(const std::function<void(std::int64_t offset, std::int64_t before)>& visit);

 private:
  struct Seen {
    std::uint64_t first_half = 0;  ///< Of the identity, mixed with the record time.
    std::uint64_t second_half = 0;
    std::int64_t offset = 0;
  };
  std::vector<Seen> seen_;
};

}  // namespace ctl
