#include "ops/ctl/serve/abridged.h"

#include <cstddef>

namespace ctl {
namespace {

constexpr std::size_t kMostReports = 100;
constexpr std::size_t kMostDuplicates = 50;
constexpr std::size_t kMostEvents = 500;

std::string Sentence(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + " left out: `sluicectl trace` lists all";
}

void Abridge(TraceReport& report, std::vector<std::string>& notes) {
  std::vector<TraceEvent>& events = report.timeline.events;
  std::size_t duplicates = 0;
  const std::size_t omitted = std::erase_if(events, [&](const TraceEvent& event) {
    return event.what == TraceEvent::What::kDuplicate && ++duplicates > kMostDuplicates;
  });
  if (omitted > 0) notes.push_back(Sentence(omitted, "duplicates of " + report.id + " are"));
  if (events.size() <= kMostEvents) return;
  notes.push_back(Sentence(events.size() - kMostEvents, "last events of " + report.id + " are"));
  events.erase(events.begin() + kMostEvents, events.end());
}

}  // namespace

std::vector<std::string> Abridge(std::vector<TraceReport>& reports) {
  std::vector<std::string> notes;
  if (reports.size() > kMostReports) {
    notes.push_back(Sentence(reports.size() - kMostReports, "processes are"));
    reports.erase(reports.begin() + kMostReports, reports.end());
  }
  for (TraceReport& report : reports) Abridge(report, notes);
  return notes;
}

}  // namespace ctl
