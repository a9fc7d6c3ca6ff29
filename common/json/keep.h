#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/json/redact.h"

namespace common::json {

/// The parts of a document that are kept: an allow-list of pointers. The name `*` stands for every
/// element of an array; in an object it is a name like any other.
class KeepList {
 public:
  explicit KeepList(const std::vector<Pointer>& pointers);

  /// Keeps the values that the pointers name, whole, and what encloses them. Everything else is
  /// left out: unnamed members and elements, a value of another kind on the way to a named one, and
  /// containers in which nothing is kept. An element that is kept moves up to the place of those
  /// that are not. Every occurrence of a repeated name is treated alike.
  ///
  /// Copies kept values byte for byte. Returns "{}" if it keeps none.
  ///
  /// Time: linear in the document, times the number of pointers that lead to the same place.
  ///
  /// Empty unless `json` is one JSON value in UTF-8.
  [[nodiscard]] std::optional<std::string> Keep(std::string_view json) const;

 private:
  friend class Keeper;

  /// A place on the way that the pointers lead.
  struct Node {
    bool is_kept = false;                                               ///< A pointer ends here.
    std::map<std::string, std::unique_ptr<Node>, std::less<>> below{};  ///< By name.
    std::unordered_map<std::size_t, const Node*> elements{};            ///< The indices among them.
    const Node* every_element = nullptr;                                ///< `*`.
  };

  Node root_;
};

}  // namespace common::json
