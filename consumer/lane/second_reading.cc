#include "consumer/lane/second_reading.h"

#include <set>

namespace consumer {
namespace {

constexpr std::chrono::milliseconds kEvery{1'000};
/// If nothing can be read again now.
constexpr std::chrono::milliseconds kTryAgainAfter{100};

}  // namespace

std::optional<Partition> SecondReading::TakeDue(const Moment& now) {
  if (now.steady < next_at_) return std::nullopt;
  next_at_ = now.steady + kTryAgainAfter;
  const std::optional<ForgottenPlaces> forgotten = parts_.restorer.Forgotten();
  if (!forgotten) return std::nullopt;
  std::set<Partition> blocked;
  for (const auto& [topic, partition] : *forgotten) blocked.insert(partition);

  std::optional<Partition> found;
  auto longest = std::chrono::steady_clock::time_point::max();
  for (const auto& [partition, task] : parts_.tasks) {
    if (blocked.contains(partition)) continue;
    for (const auto& [account, passed_over] : task.passed_over()) {
      if (passed_over.since >= longest || !HasRoom(account)) continue;
      if (!MayRead(partition, task, account, now.steady)) continue;
      found = partition;
      longest = passed_over.since;
    }
  }
  if (found) next_at_ = now.steady + kEvery;
  return found;
}

bool SecondReading::HasRoom(AccountIndex account) const {
  return shares_.HasRoomAgain(parts_.pending.Of(account)) && parts_.fetcher.MayLook(account);
}

// The end that was looked up may be older than what had been read before. The callbacks of an
// account that is away do not come to an end, whatever time they have.
bool SecondReading::MayRead(Partition partition, const Task& task, AccountIndex account,
                            std::chrono::steady_clock::time_point now) const {
  const auto caught_up_at = parts_.intake.CaughtUpAt(partition);
  if (!caught_up_at || task.WasReadBefore(task.NextToRead())) return false;
  if (now - *caught_up_at >= others_have_) return true;
  return !parts_.pending.HasTakenBy(*caught_up_at, [&](const PendingCallback& callback) {
    if (callback.record.partition != partition || callback.account == account) return false;
    return !callback.account || parts_.fetcher.MayLook(*callback.account);
  });
}

}  // namespace consumer
