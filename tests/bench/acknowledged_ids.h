#pragma once

#include <array>
#include <cstdint>
#include <istream>
#include <string_view>
#include <vector>

namespace bench {

/// The process ids of acknowledged callbacks, and which of them were found on the topic.
///
/// Memory: 37 bytes per id, because a load acknowledges millions of callbacks.
class AcknowledgedIds {
 public:
  /// Adds an id from each line. Throws if a line is not a UUID.
  void Read(std::istream& lines);
  /// Call once, after the last Read() and before the first Found().
  void Sort();
  /// Marks the id. Ignores ids that were not acknowledged.
  void Found(std::string_view id);

  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(ids_.size()); }
  [[nodiscard]] std::int64_t CountMissing() const;

 private:
  struct Id {
    std::array<char, 36> text{};
    bool is_found = false;
  };

  std::vector<Id> ids_;
};

}  // namespace bench
