#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "consumer/config.h"
#include "ingest/config.h"
#include "tests/harness/process.h"
#include "tests/support/markdown.h"

// Access to ops/docs/configuration.md, and readers of both configurations without an environment
// and without librdkafka.
namespace tests {

using Texts = std::map<std::string, std::string>;
using Keys = std::set<std::string>;
using FindProblems = std::function<common::config::Problems(const std::string& yaml)>;

inline std::optional<std::string> NoVariable(const std::string& /*name*/) { return std::nullopt; }
inline std::optional<std::string> AcceptAny(const std::string& /*name*/,
                                            const std::string& /*value*/) {
  return std::nullopt;
}

inline ingest::ConfigReading ReadIngest(const std::string& yaml) {
  return ingest::ReadConfig(yaml, NoVariable, AcceptAny);
}
inline consumer::ConfigReading ReadConsumer(const std::string& yaml) {
  return consumer::ReadConfig(yaml, NoVariable, AcceptAny);
}
inline common::config::Problems ProblemsOfIngest(const std::string& yaml) {
  return ReadIngest(yaml).problems;
}
inline common::config::Problems ProblemsOfConsumer(const std::string& yaml) {
  return ReadConsumer(yaml).problems;
}

inline std::vector<TableRow> DocumentedUnder(std::string_view heading) {
  return TableUnder(ReadFile(SourcePath("ops/docs/configuration.md")), heading);
}

inline std::string Join(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ", ") + text;
  return joined;
}

}  // namespace tests
