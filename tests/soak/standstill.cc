#include "tests/soak/standstill.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace soak {

using std::chrono::milliseconds;

std::map<std::string, std::vector<milliseconds>> FindStandstills(
    std::vector<HistoryEvent> history) {
  std::ranges::stable_sort(history, {}, &HistoryEvent::at);
  std::map<int, std::string> readers;                         // By partition.
  std::map<int, common::WallTime> stopped_at;                 // By partition.
  std::vector<std::pair<std::string, milliseconds>> moments;  // With the longest standstill.
  for (const HistoryEvent& event : history) {
    if (event.kind == HistoryEvent::Kind::kMoment) {
      moments.emplace_back(event.name, -1);
    } else if (event.kind == HistoryEvent::Kind::kStopped) {
      std::erase_if(readers, [&](const auto& reader) {
        if (reader.second != event.name) return false;
        stopped_at[reader.first] = event.at;
        return true;
      });
    } else {
      const auto stopped = stopped_at.find(event.partition);
      if (stopped != stopped_at.end() && !moments.empty()) {
        moments.back().second = std::max(moments.back().second, event.at - stopped->second);
      }
      stopped_at.erase(event.partition);
      readers[event.partition] = event.name;
    }
  }
  std::map<std::string, std::vector<milliseconds>> found;
  for (const auto& [name, longest] : moments) {
    if (longest >= milliseconds(0)) found[name].push_back(longest);
  }
  for (auto& [name, times] : found) std::ranges::sort(times);
  return found;
}

std::string DescribeStandstills(const std::string& name, const std::vector<milliseconds>& times) {
  std::array<char, 128> line{};
  std::snprintf(line.data(), line.size(), "%-22s %3zu times: p50 %5lld ms, max %5lld ms",
                name.c_str(), times.size(),
                static_cast<long long>(times[(times.size() - 1) / 2].count()),
                static_cast<long long>(times.back().count()));
  return line.data();
}

}  // namespace soak
