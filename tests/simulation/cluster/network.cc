#include "tests/simulation/cluster/network.h"

#include <algorithm>

namespace simulation {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

Network::Network(Runtime& runtime, Random random, Trace& trace, int brokers)
    : runtime_(runtime), random_(random), trace_(trace) {
  for (int broker = 0; broker < brokers; ++broker) brokers_[broker] = {};
}

int Network::LeaderOf(Place place) const {
  const auto found = leaders_.find(place);
  return found == leaders_.end() ? -1 : found->second;
}

Span Network::Delay() {
  if (random_.Chance(faults.slow)) return random_.Between(milliseconds(5), seconds(2));
  return random_.Between(microseconds(200), microseconds(1'500));
}

bool Network::IsDeaf(int host, int broker) const {
  const auto found = deaf_.find({host, broker});
  return found != deaf_.end() && runtime_.now() < found->second;
}

void Network::Connect(int broker, const std::shared_ptr<Exchange>& exchange) {
  auto& connected = brokers_.at(broker).connected;
  std::erase_if(connected, [](const auto& one) { return one.expired() || one.lock()->is_done; });
  connected.push_back(exchange);
}

void Network::Finish(const std::shared_ptr<Exchange>& exchange, bool is_answered) {
  if (exchange->is_done) return;
  exchange->is_done = true;
  exchange->is_answered = is_answered;
  runtime_.WakeAll(exchange.get());
}

void Network::Deliver(int broker, Time at, std::function<void()> carry_out,
                      std::function<void()> lost) {
  runtime_.At(at, [this, broker, carry_out = std::move(carry_out), lost = std::move(lost)] {
    Broker& to = brokers_.at(broker);
    if (!to.is_up) {
      lost();
    } else if (to.is_frozen) {
      to.held.push_back(carry_out);
    } else {
      carry_out();
    }
  });
}

void Network::Crash(int broker) {
  Broker& crashed = brokers_.at(broker);
  crashed.is_up = false;
  crashed.is_frozen = false;
  crashed.held.clear();
  for (const auto& one : std::exchange(crashed.connected, {})) {
    if (const auto exchange = one.lock()) Finish(exchange, false);
  }
}

// Each socket is read when its turn comes: requests of one client that came on several are in any
// order.
void Network::Thaw(int broker) {
  Broker& thawed = brokers_.at(broker);
  thawed.is_frozen = false;
  auto held = std::exchange(thawed.held, {});
  while (!held.empty()) {
    const auto at = static_cast<std::ptrdiff_t>(random_.Below(held.size()));
    runtime_.After(random_.Between(microseconds(1), microseconds(300)),
                   held.at(static_cast<std::size_t>(at)));
    held.erase(held.begin() + at);
  }
}

void Network::Between(Place to, Span delay, std::function<void(bool)> act) {
  runtime_.After(delay, [this, to, act = std::move(act)] {
    const int broker = LeaderOf(to);
    act(broker >= 0 && IsUp(broker) && !brokers_.at(broker).is_frozen);
  });
}

}  // namespace simulation
