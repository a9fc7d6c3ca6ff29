#pragma once

#include <chrono>
#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/config/address.h"
#include "common/config/mapping.h"

namespace common::config {

/// The allowed values of a number, duration or size, bounds included.
template <typename T>
struct Range {
  T min = std::numeric_limits<T>::lowest();
  T max = std::numeric_limits<T>::max();
};
using DurationRange = Range<std::chrono::milliseconds>;

template <>
struct Range<std::chrono::milliseconds> {
  std::chrono::milliseconds min{0};
  std::chrono::milliseconds max = std::chrono::hours(24 * 3650);
};

/// Reads the values of a mapping as types. Every Read() sets `out` and returns true, or leaves the
/// default in `out` and returns false: the key is absent, or its value is invalid, which it
/// reports. Secrets are read by common/config/secrets.h.
///
/// Lifetime: as for Mapping.
class Section : public Mapping {
 public:
  bool Read(std::string_view key, std::string& out) const;      ///< An empty string is a mistake.
  bool ReadText(std::string_view key, std::string& out) const;  ///< It is none here.
  bool Read(std::string_view key, bool& out) const;
  bool Read(std::string_view key, int& out, Range<int> range = {0}) const;
  bool Read(std::string_view key, double& out, Range<double> range = {0}) const;
  bool Read(std::string_view key, std::chrono::milliseconds& out, DurationRange range = {}) const;
  bool Read(std::string_view key, std::chrono::seconds& out, DurationRange range = {}) const;
  bool Read(std::string_view key, Address& out) const;
  bool Read(std::string_view key, std::vector<std::string>& out) const;  ///< A list of strings.
  bool Read(std::string_view key, std::vector<std::chrono::seconds>& out) const;
  bool ReadSize(std::string_view key, std::size_t& out, Range<std::size_t> range = {}) const;
  /// The scalars of a mapping as written: { a: 1, b: true } is a="1", b="true".
  bool Read(std::string_view key, std::map<std::string, std::string>& out) const;
  /// One of `choices`; sets `out` to its index.
  bool ReadChoice(std::string_view key, const std::vector<std::string_view>& choices,
                  std::size_t& out) const;

  /// Like Read(), but an absent key is a mistake:  Require("base_url", url)
  template <typename T, typename... Rest>
  bool Require(std::string_view key, T& out, Rest... rest) const {
    if (Has(key)) return Read(key, out, rest...);
    Mistake(key, "must be set");
    return false;
  }

  /// The section under `key`. Empty if the key is absent, has no value (`key:`), which is a doubt,
  /// or has a value of another kind, which is a mistake.
  [[nodiscard]] std::optional<Section> Child(std::string_view key) const;

 private:
  friend class Document;
  Section(YamlNode& node, Context& context, std::string path)
      : Mapping(node, context, std::move(path)) {}
  explicit Section(Mapping mapping) : Mapping(std::move(mapping)) {}
};

}  // namespace common::config
