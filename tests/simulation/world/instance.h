#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/world/lane_host.h"

namespace simulation {

/// One run of a consumer process, from its start to its end or crash.
class Instance {
 public:
  /// Lifetime: must outlive its fibers: until has_ended().
  Instance(Runtime& runtime, AssureApi& api, const common::ProviderTable& providers,
           const common::Logger& log, Judge& judge, int host_id, std::string name, int lanes,
           std::uint64_t seed, bool watches_expected);

  void Start();
  void Stop();
  /// Nothing that it sends arrives any more; its fibers end by themselves.
  void Crash();
  void Freeze() { host_.is_frozen = true; }
  void Thaw() { runtime_.Thaw(host_); }
  void SetClock(Span error) { host_.clock_error = error; }
  /// A fiber has run: another one than a lane's may have something for the lanes.
  void HasRun(const Host& host, Runtime::FiberId fiber);

  /// One of its threads is about to stand still.
  void Stall(Span span) { host_.stall = span; }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const Host& host() const { return host_; }
  /// Their names in the group.
  [[nodiscard]] std::vector<std::string> members() const;
  [[nodiscard]] bool is_alive() const { return !host_.is_dead && !is_stopping_ && !has_ended_; }
  [[nodiscard]] bool is_frozen() const { return host_.is_frozen; }
  [[nodiscard]] bool has_ended() const { return has_ended_; }
  [[nodiscard]] const std::vector<std::unique_ptr<LaneHost>>& lanes() const { return lanes_; }

 private:
  void Main();
  [[nodiscard]] std::string MemberOf(int lane) const;

  Runtime& runtime_;
  AssureApi& api_;
  const common::ProviderTable& providers_;
  const common::Logger& log_;
  Judge& judge_;
  Host host_;
  std::string name_;
  int lane_count_;
  std::uint64_t seed_;
  bool watches_expected_;
  bool is_stopping_ = false;
  bool has_ended_ = false;
  std::vector<std::unique_ptr<LaneHost>> lanes_;
};

}  // namespace simulation
