#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/address.h"
#include "common/config/environment.h"
#include "common/config/problem.h"

namespace common::config {

struct YamlNode;  // The parsed file,
struct Context;   // and the reader's state: private to this folder.

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

/// One mapping of the document. Every Read() sets `out` and returns true, or leaves the default in
/// `out` and returns false: the key is absent, or its value is invalid, which it reports. Reading a
/// key makes it known; Document::Finish() reports the unknown keys.
///
/// Lifetime: a view; the Document must outlive it.
class Section {
 public:
  [[nodiscard]] bool Has(std::string_view key) const;

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

  /// From `key` itself or from the file that `key`_file names; setting both is a mistake. No
  /// message contains the value.
  bool ReadSecret(std::string_view key, std::string& out) const;
  bool ReadSecrets(std::string_view key, std::vector<std::string>& out) const;  ///< An inline list.

  /// Like Read(), but an absent key is a mistake:  Require("base_url", url)
  template <typename T, typename... Rest>
  bool Require(std::string_view key, T& out, Rest... rest) const {
    if (!Has(key)) return Missing(key);
    return Read(key, out, rest...);
  }
  /// Like ReadSecret(), but the absence of both keys is a mistake.
  bool RequireSecret(std::string_view key, std::string& out) const;

  /// The mapping under `key`. Empty if the key is absent, has no value (`key:`), which is a
  /// doubt, or has a value of another kind, which is a mistake.
  [[nodiscard]] std::optional<Section> Child(std::string_view key) const;

  /// The keys in the order of the file, each once.
  [[nodiscard]] std::vector<std::string> Keys() const;
  /// True if the key is present and its value is a mapping.
  [[nodiscard]] bool IsMapping(std::string_view key) const;

  /// True if the value is a scalar that contains `${`.
  [[nodiscard]] bool ContainsVariable(std::string_view key) const;

  /// Reports a mistake at the value of `key`, or at the section if the key is absent.
  void Mistake(std::string_view key, std::string message) const;
  /// The same for a valid value that looks like a mistake.
  void Doubt(std::string_view key, std::string message) const;
  /// Accepts a key, and everything below it, without looking at its value.
  void Skip(std::string_view key) const;
  /// Accepts unknown keys here and below.
  void IgnoreUnknownKeys() const;
  /// The path from the root, such as "spool"; empty for the root.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  friend class Document;
  Section(YamlNode& node, Context& context, std::string path)
      : node_(&node), context_(&context), path_(std::move(path)) {}

  [[nodiscard]] YamlNode* Find(std::string_view key) const;
  [[nodiscard]] std::optional<std::string> FindScalar(std::string_view key,
                                                      std::string_view expected) const;
  [[nodiscard]] std::optional<std::vector<std::string>> FindList(std::string_view key) const;
  [[nodiscard]] std::optional<std::string> Expand(const YamlNode& scalar,
                                                  const std::string& path) const;
  bool Missing(std::string_view key) const;
  bool Wrong(std::string_view key, std::string_view expected) const;
  [[nodiscard]] std::string PathOf(std::string_view key) const;

  YamlNode* node_;
  Context* context_;
  std::string path_;
};

/// A YAML file, read strictly: one document whose root is a mapping or empty, no duplicate keys, no
/// anchors. In values, `${NAME}` expands to an environment variable and `$${` to the characters
/// `${`.
///
///   Document document = Document::Parse(text, ProcessEnvironment());
///   document.root().Read("ack_deadline", settings.ack_deadline);
///   for (const Problem& problem : document.Finish()) …
class Document {
 public:
  static Document Parse(std::string_view text, const Environment& environment);

  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  [[nodiscard]] Section root();

  /// All mistakes found so far, unknown keys included, in the order of the file. Of a text that is
  /// no YAML only what the parser found: whatever a reader misses may stand in the unread rest.
  [[nodiscard]] Problems Finish();
  /// Valid settings that look like mistakes, in the order of the file. Empty if there are mistakes.
  [[nodiscard]] Problems Doubts() const;

 private:
  Document();

  std::unique_ptr<YamlNode> root_;
  std::unique_ptr<Context> context_;
  std::size_t parser_problems_ = 0;
};

}  // namespace common::config
