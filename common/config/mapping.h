#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace common::config {

struct YamlNode;  // The parsed file,
struct Context;   // and the reader's state: private to this folder.

/// One mapping of a YAML document: its keys, their unread values, and the place of mistakes. Asking
/// for a key makes it known; Document::Finish() reports the unknown keys.
///
/// Lifetime: a view; the Document must outlive it.
class Mapping {
 public:
  [[nodiscard]] bool Has(std::string_view key) const;
  /// The keys in the order of the file, each once.
  [[nodiscard]] std::vector<std::string> Keys() const;
  /// True if the key is present and its value is a mapping.
  [[nodiscard]] bool IsMapping(std::string_view key) const;
  /// True if the value is a scalar that contains `${`.
  [[nodiscard]] bool ContainsVariable(std::string_view key) const;

  /// The text of a scalar, with its variables expanded. Reports another kind of value, which should
  /// be `expected`, and an unknown variable. Empty then, and if the key is absent.
  [[nodiscard]] std::optional<std::string> FindScalar(std::string_view key,
                                                      std::string_view expected) const;
  /// The same for a list of non-empty scalars.
  [[nodiscard]] std::optional<std::vector<std::string>> FindList(std::string_view key) const;

  /// Reports a mistake at the value of `key`, or at the mapping if the key is absent.
  void Mistake(std::string_view key, std::string message) const;
  /// The same for a valid value that looks like a mistake.
  void Doubt(std::string_view key, std::string message) const;
  /// Accepts a key, and everything below it, without looking at its value.
  void Skip(std::string_view key) const;
  /// Accepts unknown keys here and below.
  void IgnoreUnknownKeys() const;
  /// The path from the root, such as "spool"; empty for the root.
  [[nodiscard]] const std::string& path() const { return path_; }

 protected:
  Mapping(YamlNode& node, Context& context, std::string path)
      : node_(&node), context_(&context), path_(std::move(path)) {}

  /// The mapping under `key`. Empty if the key is absent, has no value (`key:`), which is a doubt,
  /// or has a value of another kind, which is a mistake.
  [[nodiscard]] std::optional<Mapping> FindMapping(std::string_view key) const;
  /// Reports that the value is not `expected`, and returns false.
  bool Wrong(std::string_view key, std::string_view expected) const;

 private:
  [[nodiscard]] YamlNode* Find(std::string_view key) const;
  [[nodiscard]] std::optional<std::string> Expand(const YamlNode& scalar,
                                                  const std::string& path) const;
  [[nodiscard]] std::string PathOf(std::string_view key) const;

  YamlNode* node_;
  Context* context_;
  std::string path_;
};

}  // namespace common::config
