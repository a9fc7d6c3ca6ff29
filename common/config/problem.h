#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace common::config {

/// One mistake in a configuration. Never contains the value of a secret.
struct Problem {
  int line = 0;  ///< From 1. 0: the whole file.
  int column = 0;
  std::string key;  ///< Path from the root: "spool.max_bytes", "providers.eid.aliases[1]".
  std::string message;

  friend bool operator==(const Problem&, const Problem&) = default;
};

/// JoinKey("spool", "path") is "spool.path". The root's path is empty.
[[nodiscard]] std::string JoinKey(const std::string& path, std::string_view key);

/// "ingest.yaml:12:3: spool.max_byte: unknown key"
[[nodiscard]] std::string Render(const std::string& file, const Problem& problem);

/// In the order of the file.
using Problems = std::vector<Problem>;

}  // namespace common::config
