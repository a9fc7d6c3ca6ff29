#pragma once

#include <array>
#include <cstdint>
#include <istream>
#include <string_view>
#include <vector>

namespace bench {

/// The process ids of callbacks that were acknowledged, of which each is looked for.
///
/// Memory: 37 bytes an id, since a load acknowledges millions.
class AcknowledgedIds {
 public:
  /// Adds an id from each line. Throws if a line is no UUID.
  void Read(std::istream& lines);
  /// Once, after the last Read() and before the first Found().
  void Sort();
  /// Other ids than these are ignored.
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
