#include "tests/simulation/world/instance.h"

#include <algorithm>
#include <utility>

namespace simulation {

Instance::Instance(Runtime& runtime, AssureApi& api, const common::ProviderTable& providers,
                   const common::Logger& log, Judge& judge, int host_id, std::string name,
                   int lanes, std::uint64_t seed, bool watches_expected)
    : runtime_(runtime),
      api_(api),
      providers_(providers),
      log_(log),
      judge_(judge),
      name_(std::move(name)),
      lane_count_(lanes),
      seed_(seed),
      watches_expected_(watches_expected) {
  host_.id = host_id;
}

void Instance::Start() {
  runtime_.Spawn(host_, [this] { Main(); });
}

void Instance::Main() {
  for (int lane = 0; lane < lane_count_ && !is_stopping_; ++lane) {
    lanes_.push_back(std::make_unique<LaneHost>(
        LaneHost::Dependencies{runtime_, host_, api_, providers_, log_, judge_,
                               seed_ + static_cast<std::uint64_t>(lane), watches_expected_},
        MemberOf(lane)));
  }
  std::vector<Runtime::FiberId> running;
  for (const auto& lane : lanes_) {
    running.push_back(runtime_.Spawn(host_, [this, one = lane.get()] {
      one->Run();
      // One lane that cannot go on ends the process.
      if (one->has_failed()) Stop();
    }));
  }
  if (is_stopping_) Stop();
  for (const Runtime::FiberId fiber : running) runtime_.Join(fiber);
  // Their destructors wait for fibers: nobody else is to see them meanwhile.
  std::exchange(lanes_, {}).clear();
  has_ended_ = true;
}

std::string Instance::MemberOf(int lane) const { return name_ + "-" + std::to_string(lane); }

std::vector<std::string> Instance::members() const {
  std::vector<std::string> names;
  for (int lane = 0; lane < lane_count_; ++lane) names.push_back(MemberOf(lane));
  return names;
}

void Instance::Stop() {
  is_stopping_ = true;
  for (const auto& lane : lanes_) lane->Stop();
}

void Instance::Crash() {
  host_.is_dead = true;
  if (host_.is_frozen) Thaw();
  Stop();
}

void Instance::HasRun(const Host& host, Runtime::FiberId fiber) {
  if (&host != &host_) return;
  const bool is_lane =
      std::ranges::any_of(lanes_, [&](const auto& lane) { return lane->fiber() == fiber; });
  if (is_lane) return;
  for (const auto& lane : lanes_) lane->Wake();
}

}  // namespace simulation
