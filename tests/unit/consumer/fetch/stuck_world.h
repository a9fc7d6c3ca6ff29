#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/consumer/fetch/fetch_bench.h"

namespace consumer {

inline HttpReply Page() {
  HttpReply page = Json("<html>");
  page.content_type = "text/html";
  return page;
}

/// The API, the log of callbacks, and the clock, for whole seconds.
class World {
 public:
  using milliseconds = std::chrono::milliseconds;
  struct Manner {
    HttpReply reply;
    milliseconds takes{50};
  };

  explicit World(FetchSettings settings = FetchBench::DefaultSettings())
      : settings_(std::move(settings)) {
    bench_.emplace(settings_);
  }

  /// A callback arrives now. `stuck` answers the stuck ones, for ever.
  void Arrive(bool is_stuck) {
    const JobId id = ++last_;
    log_.push_back(Job(id, (is_stuck ? "stuck" : "p") + std::to_string(id)));
    if (!is_stuck) arrived_[id] = bench_->now;
  }
  void ArriveMany(int count, bool is_stuck) {
    for (int i = 0; i < count; ++i) Arrive(is_stuck);
  }

  /// Another program goes on. It reads everything that has not ended, in the order of its arrival,
  /// and knows from the markers which was the latest that ended well.
  void Restart() {
    std::deque<FetchJob> log;
    for (auto& [id, job] : in_hand_) log.push_back(std::move(job));
    std::move(log_.begin(), log_.end(), std::back_inserter(log));
    log_ = std::move(log);
    for (FetchJob& job : log_) job.is_overtaken = job.id < latest_published_;
    in_hand_.clear();
    due_.clear();
    const FetchBench::TimePoint now = bench_->now;
    const common::WallTime wall_now = bench_->wall_now;
    bench_.emplace(settings_);
    bench_->now = now;
    bench_->wall_now = wall_now;
  }

  Manner stuck;
  /// True if their dossiers are stuck and their processes can be fetched.
  bool are_dossiers_stuck = false;
  bool is_down = false;
  int healthy_per_second = 1;  ///< At most one per tick.

  /// Healthy callbacks arrive all the time if `arrives`.
  void Pass(std::chrono::seconds span, bool arrives = true) {
    for (const auto end = bench_->now + span; bench_->now < end;) {
      for (int tick = 0; tick < kTicks; ++tick) {
        if (arrives && tick % (kTicks / healthy_per_second) == 0) Arrive(false);
        Tick();
      }
    }
  }

  FetchScheduler& scheduler() { return bench_->scheduler; }
  RecordedEvents& events() { return bench_->events; }
  std::size_t Asked() const { return bench_->transport.log().size(); }
  std::size_t Unread() const { return log_.size(); }
  void SetRandom(double random) { bench_->unit_random = random; }

  /// 95th percentile of the waits of the healthy callbacks that were answered.
  milliseconds HealthyP95() {
    std::sort(waits_.begin(), waits_.end());
    return waits_.empty() ? milliseconds::max() : waits_.at(waits_.size() * 95 / 100);
  }
  std::size_t HealthyDone() const { return waits_.size(); }
  std::size_t HealthyWaiting() const { return arrived_.size(); }
  void ForgetWaits() { waits_.clear(); }

  std::vector<std::string> dead_healthy;
  std::map<std::string, int> dead_stuck;  ///< By reason.

 private:
  static constexpr milliseconds kTick{50};
  static constexpr int kTicks = 20;  ///< A second.

  void Tick() {
    for (int i = 0; i < 1000 && !log_.empty() && scheduler().WantsIntake(); ++i) {
      bench_->Submit(log_.front());
      in_hand_.emplace_hint(in_hand_.end(), log_.front().id, std::move(log_.front()));
      log_.pop_front();
    }
    Advance();
    // An immediate answer, such as a token, may allow others to start.
    for (int round = 0; round < 100 && AnswerDue(); ++round) Advance();
    bench_->now += kTick;
    bench_->wall_now += kTick;
  }

  void Advance() {
    for (const FetchResult& result : scheduler().Advance(bench_->now)) {
      in_hand_.erase(result.id);
      const auto arrived = arrived_.find(result.id);
      const bool is_dead = std::holds_alternative<Unfetchable>(result.outcome);
      if (arrived == arrived_.end()) {
        if (is_dead) {
          ++dead_stuck[std::string(common::ToText(std::get<Unfetchable>(result.outcome).reason))];
        }
        continue;
      }
      if (!is_dead) latest_published_ = std::max(latest_published_, result.id);
      if (is_dead) dead_healthy.push_back(Describe(result));
      waits_.push_back(std::chrono::floor<milliseconds>(bench_->now - arrived->second));
      arrived_.erase(arrived);
    }
  }

  Manner MannerOf(const HttpRequest& request) const {
    if (request.url.ends_with("/token")) return {Token("t", 100'000), milliseconds(10)};
    if (is_down) return {Status(503), milliseconds(50)};
    const bool is_process = request.url.find("/processes/") != std::string::npos;
    const bool is_theirs = request.url.find("stuck") != std::string::npos;
    if (is_theirs && is_process != are_dossiers_stuck) return stuck;
    return {*Healthy(request), milliseconds(50)};
  }

  bool AnswerDue() {
    auto& transport = bench_->transport;
    bool was_answered = false;
    std::set<std::uint64_t> ids;
    for (std::size_t i = 0; i < transport.under_way().size();) {
      const HttpRequest& request = transport.under_way()[i];
      ids.insert(request.id);
      const auto [due, is_new] =
          due_.try_emplace(request.id, bench_->now + MannerOf(request).takes);
      if (due->second > bench_->now) {
        ++i;
        continue;
      }
      transport.Answer(i, MannerOf(request).reply);
      was_answered = true;
    }
    std::erase_if(due_, [&](const auto& entry) { return !ids.contains(entry.first); });
    return was_answered;
  }

  const FetchSettings settings_;
  std::optional<FetchBench> bench_;
  std::deque<FetchJob> log_;           ///< Not read yet.
  std::map<JobId, FetchJob> in_hand_;  ///< Read, and not ended.
  JobId last_ = 0;
  JobId latest_published_ = 0;
  std::map<JobId, FetchBench::TimePoint> arrived_;
  std::map<std::uint64_t, FetchBench::TimePoint> due_;
  std::vector<milliseconds> waits_;
};

}  // namespace consumer
