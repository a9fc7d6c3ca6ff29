#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace common {

/// A string type of its own, which does not convert to other kinds of string.
template <typename Tag>
class Tagged {
 public:
  Tagged() = default;
  explicit Tagged(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] const std::string& str() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  friend auto operator<=>(const Tagged&, const Tagged&) = default;

 private:
  std::string text_;
};

}  // namespace common

template <typename Tag>
struct std::hash<common::Tagged<Tag>> {
  std::size_t operator()(const common::Tagged<Tag>& id) const {
    return std::hash<std::string>()(id.str());
  }
};
