#include "tests/harness/log_events.h"

#include <algorithm>

#include "tests/harness/json.h"

namespace tests {

void ForEachEvent(std::string_view log, std::string_view event,
                  const std::function<void(const rapidjson::Document&)>& use) {
  while (!log.empty()) {
    const std::size_t end = std::min(log.find('\n'), log.size());
    const std::string_view line = log.substr(0, end);
    log.remove_prefix(std::min(end + 1, log.size()));
    // Most lines are other events and need no parsing.
    if (line.find(event) == std::string_view::npos) continue;
    rapidjson::Document json;
    json.Parse(line.data(), line.size());
    if (json.HasParseError() || !json.IsObject()) continue;
    if (TextIn(json, "event") == event) use(json);
  }
}

std::size_t CountEvents(std::string_view log, std::string_view event) {
  std::size_t count = 0;
  ForEachEvent(log, event, [&](const rapidjson::Document&) { ++count; });
  return count;
}

}  // namespace tests
