#include "tests/soak/consumer_watch.h"

#include <algorithm>

#include "tests/soak/footprint.h"

namespace soak {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

void ConsumerWatch::Enter(const std::string& part, const std::string& text) {
  run_.Step(text);
  part_ = part;
}

void ConsumerWatch::Look() {
  if (Clock::now() < next_) return;
  next_ = Clock::now() + seconds(1);
  tests::Pipeline& pipeline = run_.pipeline();
  const auto metrics = tests::MetricsPage::Of(pipeline.consumer_admin());
  if (!metrics) return;
  const auto gauge = [&](const char* name) {
    return metrics->Value(std::string("sluice_consumer_") + name).value_or(0);
  };
  const auto resident = FootprintOf(pipeline.consumer().pid()).anonymous_kib;
  samples_.push_back({.part = part_,
                      .resident_kib = static_cast<double>(resident),
                      .pending = gauge("pending"),
                      .lag = gauge("lag"),
                      .in_flight = gauge("in_flight"),
                      .limit = gauge("concurrency_limit"),
                      .breaker_open = gauge("breaker_open")});
}

void ConsumerWatch::Rest(milliseconds time) {
  const auto end = Clock::now() + time;
  const auto is_over = [&] {
    Look();
    return Clock::now() >= end;
  };
  run_.Await(is_over, std::chrono::ceil<seconds>(time) + seconds(60), "the wait does not end");
}

milliseconds ConsumerWatch::AwaitBacklog(double backlog) {
  const auto begun = Clock::now();
  Rest(seconds(6));  // consumer updates its lag every 5 s.
  const auto is_small = [&] {
    Look();
    return last().backlog() <= backlog;
  };
  run_.Await(is_small, seconds(900), "the backlog of " + part_ + " is not worked off");
  return std::chrono::duration_cast<milliseconds>(Clock::now() - begun);
}

double MostOf(const std::vector<ConsumerWatch::Sample>& samples, const std::string& part,
              ConsumerWatch::Field field, std::size_t from, std::size_t to) {
  std::vector<double> values;
  for (const ConsumerWatch::Sample& sample : samples) {
    if (sample.part == part) values.push_back(sample.*field);
  }
  double most = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i * 100 >= values.size() * from && i * 100 < values.size() * to) {
      most = std::max(most, values[i]);
    }
  }
  return most;
}

}  // namespace soak
