#include "ops/ctl/dead/dead_newest.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/json/object_writer.h"
#include "ops/ctl/dead/dead_topic.h"
#include "ops/ctl/records/excerpt.h"
#include "ops/ctl/shell/output.h"

namespace ctl {
namespace {

bool IsNewer(const DeadSummary& one, const DeadSummary& other) {
  return std::tie(one.time, one.place) > std::tie(other.time, other.place);
}

void CutTexts(DeadSummary& letter) {
  CutToExcerpt(letter.key);
  CutToExcerpt(letter.provider);
  for (auto* text :
       {&letter.reason, &letter.trace_id, &letter.failed_at, &letter.received_at,
        &letter.request_id, &letter.topic, &letter.dossier, &letter.process, &letter.status}) {
    CutToExcerpt(*text);
  }
}

}  // namespace

void NewestLetters::Add(DeadSummary letter) {
  ++count_;
  if (kept_.size() == most_) {
    if (kept_.empty() || !IsNewer(letter, kept_.front())) return;
    std::ranges::pop_heap(kept_, IsNewer);
    kept_.pop_back();
  }
  CutTexts(letter);
  kept_.push_back(std::move(letter));
  std::ranges::push_heap(kept_, IsNewer);
}

std::vector<DeadSummary> NewestLetters::Take() && {
  std::ranges::sort_heap(kept_, IsNewer);
  return std::move(kept_);
}

common::Result<NewestLetters> ReadNewestLetters(const ClusterSettings& settings,
                                                const DeadFilter& filter, std::size_t most,
                                                Progress& progress, const std::stop_token& stop) {
  NewestLetters newest(most);
  const auto ended = ForEachDeadLetter(
      settings, filter, progress,
      [&](const DeadRecord& /*record*/, const DeadSummary& summary) {
        newest.Add(summary);
        return true;
      },
      stop);
  if (!ended) return ended.error();
  return newest;
}

std::string RenderJson(NewestLetters letters) {
  const std::int64_t matching = letters.count();
  std::vector<std::string> objects;
  for (const DeadSummary& letter : std::move(letters).Take()) objects.push_back(RenderJson(letter));
  return common::json::ObjectWriter()
      .Raw("letters", RenderArray(objects))
      .Number("matching", matching)
      .Finish();
}

}  // namespace ctl
