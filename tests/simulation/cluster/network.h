#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/simulation/cluster/protocol.h"
#include "tests/simulation/runtime/random.h"
#include "tests/simulation/runtime/runtime.h"
#include "tests/simulation/runtime/trace.h"

namespace simulation {

/// How often requests fare badly.
struct NetworkFaults {
  double lose_request = 0;  ///< It never arrives; the connection breaks.
  double lose_answer = 0;   ///< It is carried out; the connection breaks.
  double late_request = 0;  ///< The connection breaks, and it is carried out later.
  double slow = 0;          ///< It takes up to two seconds.
};

/// A fault of one request, on top of the network's.
struct Mishap {
  bool is_answer_lost = false;
  bool is_refused = false;        ///< TRANSACTION_ABORTABLE; it is not carried out.
  Span hold{};                    ///< It takes that much longer, and is answered.
  std::optional<Span> late = {};  ///< The connection breaks, and it is carried out then.
};

enum class Delivery {
  kAnswered,
  kNotSent,     ///< There is nobody to send it to: it cannot have any effect.
  kUnanswered,  ///< It may have been carried out, or may yet be.
};

template <typename Answer>
struct Reply {
  Delivery delivery = Delivery::kNotSent;
  Answer answer{};
  [[nodiscard]] bool is_answered() const { return delivery == Delivery::kAnswered; }
  [[nodiscard]] bool is_good() const { return is_answered() && answer.code == Code::kNone; }
};

/// Requests of fibers to the leader of a partition. On one connection they keep their order; one
/// whose connection has broken may come after those that were sent later on the next one.
class Network {
 public:
  struct Exchange {
    bool is_done = false;
    bool is_answered = false;
  };

  Network(Runtime& runtime, Random random, Trace& trace, int brokers);

  template <typename Answer>
  using Respond = std::function<void(Answer)>;

  /// Blocks the fiber. `handle` runs on the broker and may respond later.
  template <typename Answer>
  Reply<Answer> Call(std::string_view name, Place to, Span timeout,
                     std::function<void(Respond<Answer>)> handle);

  void SetLeader(Place place, int broker) { leaders_[place] = broker; }
  [[nodiscard]] int LeaderOf(Place place) const;
  [[nodiscard]] bool IsUp(int broker) const { return brokers_.at(broker).is_up; }
  [[nodiscard]] bool IsFrozen(int broker) const { return brokers_.at(broker).is_frozen; }
  void Crash(int broker);
  void Restart(int broker) { brokers_.at(broker).is_up = true; }
  void Freeze(int broker) { brokers_.at(broker).is_frozen = true; }
  void Thaw(int broker);

  /// For requests between brokers: now or later, unless one of them is down then.
  void Between(Place to, Span delay, std::function<void(bool is_delivered)> act);

  NetworkFaults faults;
  /// Asked about each request when it is sent.
  std::function<Mishap(std::string_view, Place, const Host&)> on_sent;
  /// Hears of each request that was carried out.
  std::function<void(std::string_view, Place, const Host&)> on_done;

  /// Until then no answer of that broker reaches the host.
  void Deafen(const Host& host, int broker, Time until) { deaf_[{host.id, broker}] = until; }
  void ClearDeaf() { deaf_.clear(); }

 private:
  struct Broker {
    bool is_up = true;
    bool is_frozen = false;
    std::vector<std::function<void()>> held;         ///< In its sockets while it is frozen.
    std::vector<std::weak_ptr<Exchange>> connected;  ///< These wait for its answers.
  };

  /// Runs `carry_out` on the broker when the request arrives; `is_lost` if it never does.
  void Deliver(int broker, Time at, std::function<void()> carry_out, std::function<void()> lost);
  [[nodiscard]] Span Delay();
  [[nodiscard]] bool IsDeaf(int host, int broker) const;
  void Connect(int broker, const std::shared_ptr<Exchange>& exchange);
  void Finish(const std::shared_ptr<Exchange>& exchange, bool is_answered);

  Runtime& runtime_;
  Random random_;
  Trace& trace_;
  std::map<int, Broker> brokers_;
  std::map<Place, int> leaders_;
  std::map<std::pair<int, int>, Time> last_arrival_;  ///< By host and broker.
  std::map<std::pair<int, int>, Time> deaf_;          ///< The same.
};

template <typename Answer>
Reply<Answer> Network::Call(std::string_view name, Place to, Span timeout,
                            std::function<void(Respond<Answer>)> handle) {
  const Host& host = *runtime_.host();
  const int broker = LeaderOf(to);
  if (host.is_dead || broker < 0 || !IsUp(broker)) {
    runtime_.Sleep(std::chrono::milliseconds(host.is_dead ? 1 : 20));
    return {};
  }
  struct State : Exchange {
    Answer answer{};
  };
  const auto state = std::make_shared<State>();
  const Mishap mishap = on_sent ? on_sent(name, to, host) : Mishap{};
  Connect(broker, state);
  const auto respond = [this, state, mishap, broker, from = host.id](Answer answer) {
    if (IsDeaf(from, broker)) return;
    if (state->is_done || mishap.is_answer_lost || random_.Chance(faults.lose_answer)) {
      runtime_.After(Delay(), [this, state] { Finish(state, false); });
      return;
    }
    runtime_.After(Delay(), [this, state, answer = std::move(answer)] {
      if (!state->is_done) state->answer = answer;
      Finish(state, true);
    });
  };
  // Hosts outlive all requests.
  const auto carry_out = [this, name, to, broker, respond, mishap, from = &host,
                          handle = std::move(handle)] {
    trace_.Note(runtime_.now(), name, static_cast<int>(to.topic) * 100 + to.partition, broker);
    if (LeaderOf(to) == broker && !mishap.is_refused) {
      handle(respond);
      if (on_done) on_done(name, to, *from);
      return;
    }
    Answer refusal{};
    refusal.code = mishap.is_refused ? Code::kTransactionAbortable : Code::kNotLeader;
    respond(std::move(refusal));
  };
  const auto lost = [this, state] { Finish(state, false); };
  const Time due = runtime_.now() + Delay();
  if (mishap.late || random_.Chance(faults.late_request)) {
    runtime_.At(due, lost);
    const Span late = random_.Between(std::chrono::milliseconds(1), std::chrono::seconds(8));
    Deliver(broker, due + mishap.late.value_or(late), carry_out, [] {});
  } else if (mishap.hold > Span(0)) {
    // On a connection of its own: each client has one to each broker.
    Deliver(broker, due + mishap.hold, carry_out, lost);
  } else if (random_.Chance(faults.lose_request)) {
    runtime_.At(due, lost);
  } else {
    Time& last = last_arrival_[{host.id, broker}];
    last = std::max(due, last);
    Deliver(broker, last, carry_out, lost);
  }
  const Time until = runtime_.now() + timeout;
  while (!state->is_done && runtime_.now() < until) runtime_.Block(state.get(), until);
  state->is_done = true;
  if (host.is_dead || !state->is_answered) return {Delivery::kUnanswered, {}};
  return {Delivery::kAnswered, std::move(state->answer)};
}

}  // namespace simulation
