#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "common/config/environment.h"
#include "common/config/problem.h"
#include "common/config/section.h"

namespace common::config {

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
