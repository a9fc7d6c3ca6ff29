// The judge on announced processes.
#include <algorithm>

#include "tests/simulation/clients/assure_api.h"
#include "tests/simulation/world/judge.h"
#include "tests/simulation/world/limits.h"

namespace simulation {
namespace {

/// The API's times, and those of records, are whole milliseconds.
constexpr std::chrono::milliseconds kRounding{2};

}  // namespace

void Judge::WillBeAnnounced(const std::string& process, Time finished_at) {
  announced_[process].finished_at = finished_at;
  static_cast<void>(facts_[process]);
}

void Judge::Announced(int partition, Offset offset, const std::string& process,
                      bool is_taken_back) {
  Announcing& announcing = announced_.at(process);
  if (!announcing.first_at && !is_taken_back) announcing.first_at = runtime_->now();
  announcing.is_taken_back = is_taken_back;
  announcing.was_taken_back = announcing.was_taken_back || is_taken_back;
  if (!is_taken_back) announcing.standing.emplace(partition, offset);
}

void Judge::ExpectedTruncated(int partition, Offset end) {
  for (auto& [process, announcing] : announced_) {
    std::erase_if(announcing.standing,
                  [&](const auto& at) { return at.first == partition && at.second >= end; });
  }
}

// With clocks that are wrong by hours, or without the API's answer, nothing is owed.
std::vector<std::string> Judge::Owed() const {
  std::vector<std::string> owed;
  if (!clocks_are_right) return owed;
  for (const auto& [process, announcing] : announced_) {
    if (announcing.standing.empty() || announcing.was_taken_back) continue;
    const char last = process.back();
    const bool cannot_be_had = last == AssureApi::kMissing || last == AssureApi::kRefused ||
                               (has_big_records && last == AssureApi::kBig);
    const Fact& fact = facts_.at(process);
    if (!cannot_be_had && fact.results + fact.letters == 0) owed.push_back(process);
  }
  return owed;
}

std::size_t Judge::reconciled() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      announced_, [](const auto& entry) { return entry.second.is_reconciled; }));
}

void Judge::StoppedWaiting(const consumer::ExpectedReport& report) {
  using consumer::ExpectedEnd;
  const std::string process(report.process);
  const auto found = announced_.find(process);
  if (found == announced_.end()) return Blame("a lane waited for " + process);
  Announcing& announcing = found->second;
  const auto blame = [&](const std::string& why) {
    Blame("a lane stops waiting for " + process + ", " + why);
  };
  const bool is_disposed_of = IsDisposedOf(facts_.at(process));
  switch (report.end) {
    case ExpectedEnd::kCallback:
      if (!is_disposed_of) blame("of which nothing was published");
      return;
    case ExpectedEnd::kReconciled:
      if (!is_disposed_of) blame("whose result was not committed");
      // One that Kafka has forgotten is made again.
      if (++announcing.told > 1 && cluster_->transactions().forgotten() == 0) blame("again");
      // It was finished before it was announced, and no look comes before `within` has passed.
      if (!report.is_lost && clocks_are_right &&
          announcing.first_at.value_or(Time()) - announcing.finished_at > kRounding) {
        blame("without saying that its callback is lost");
      }
      if (!report.is_lost) return;
      ++lost_;
      if (clocks_are_right && runtime_->now() - announcing.finished_at < ExpectedOf().within) {
        blame("as if its callback were lost, but it is only late");
      }
      return;
    case ExpectedEnd::kForgotten:
      if (!announcing.was_taken_back) blame("which nobody has taken back");
      return;
    case ExpectedEnd::kGone:
      if (process.back() != AssureApi::kMissing) blame("which is not gone");
      return;
    case ExpectedEnd::kRefused:
      if (!has_big_records || process.back() != AssureApi::kBig) blame("which is not too large");
      return;
    case ExpectedEnd::kUnfinished:
      if (clocks_are_right) blame("which is finished");
      return;
  }
}

}  // namespace simulation
