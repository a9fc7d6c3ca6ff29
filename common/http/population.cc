#include "common/http/population.h"

#include <chrono>
#include <utility>

namespace common::http {

bool BoundedCount::Raise() {
  std::uint64_t count = count_.load();
  while (count < most_) {
    if (count_.compare_exchange_weak(count, count + 1)) return true;
  }
  return false;
}

Seat::~Seat() {
  if (population_ == nullptr) return;
  LeavePlace();
  if (population_->open_.Lower() == 0) population_->NotifyIfEmpty();
}

void Seat::LeavePlace() noexcept {
  if (std::exchange(has_place_, false)) population_->places_.Lower();
}

bool Seat::ClaimPlace() {
  has_place_ = has_place_ || population_->places_.Raise();
  return has_place_;
}

Population::Population(std::size_t listeners, std::uint64_t max_connections,
                       std::function<void(std::uint32_t)> wake)
    : max_connections_(max_connections),
      open_(max_connections + kReserve),
      places_(max_connections),
      listeners_(listeners),
      wake_(std::move(wake)),
      idle_(listeners),
      passed_on_(listeners) {
  for (auto& newcomers : passed_on_) {
    newcomers.With([](auto& list) { list.reserve(kReserve); });
  }
}

Seat Population::ReserveSeat() { return open_.Raise() ? Seat(*this) : Seat(); }

bool Population::IsReserveShort() const { return open() > max_connections_ + kReserve / 2; }

void Population::ListenerClosed() {
  if (listeners_.fetch_sub(1) != 1) return;
  for (std::uint32_t worker = 0; worker < idle_.size(); ++worker) wake_(worker);
  NotifyIfEmpty();
}

MakesRoom IdleShare::Judge(IdleConnections::TimePoint now, std::size_t many) const {
  constexpr std::chrono::seconds kLongSilence{1};
  const bool has_silent = silent.size() > 0;
  if (has_silent && (silent.size() >= many || now - silent.oldest_since() >= kLongSilence)) {
    return MakesRoom::kSilent;
  }
  if (kept.size() > 0) return MakesRoom::kKept;
  return has_silent ? MakesRoom::kFreshSilent : MakesRoom::kNobody;
}

std::optional<std::uint32_t> Population::FindIdleWorker(std::uint32_t own,
                                                        IdleConnections::TimePoint now,
                                                        std::size_t many, Among among) const {
  std::uint32_t best = own;
  MakesRoom judged = idle_[own].Judge(now, many);
  for (std::uint32_t worker = 0; worker < idle_.size(); ++worker) {
    const MakesRoom its = idle_[worker].Judge(now, many);
    const bool is_older =
        among == Among::kLongestIdle && its == judged &&
        idle_[worker].ListOf(its).oldest_since() < idle_[best].ListOf(judged).oldest_since();
    if (its < judged || (its == judged && !is_older)) continue;
    best = worker;
    judged = its;
  }
  return judged == MakesRoom::kNobody ? std::nullopt : std::optional(best);
}

void Population::PassOn(std::uint32_t worker, Newcomer newcomer) {
  passed_on_[worker].With([&](auto& newcomers) { newcomers.push_back(std::move(newcomer)); });
  wake_(worker);
}

void Population::TakeNewcomers(std::uint32_t worker, std::vector<Newcomer>& taken) {
  taken.clear();
  passed_on_[worker].With([&](auto& newcomers) { newcomers.swap(taken); });
}

void Population::NotifyIfEmpty() {
  if (!IsEmpty()) return;
  const std::lock_guard lock(mutex_);  // or the waiter could miss it between its look and its wait
  emptied_.notify_all();
}

bool Population::WaitUntilEmpty(Deadline deadline) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_until(lock, deadline.at(), [this] { return IsEmpty(); });
}

}  // namespace common::http
