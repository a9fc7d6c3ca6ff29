#include "tests/broker/ingest/load.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <stop_token>
#include <system_error>

#include "tests/component/ingest/support/raw_connection.h"

namespace ingest {
namespace {

/// Longer than ingest may take, so that a late answer does not count as a missing one.
constexpr std::chrono::seconds kAnswerLimit{30};

std::optional<RawConnection> Connect(std::uint16_t port) {
  try {
    return RawConnection(port);
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

}  // namespace

Load::Load(std::uint16_t port, int connections, const std::vector<std::string>& providers) {
  threads_.emplace_back([this](const std::stop_token& stop) { WatchForStalls(stop); });
  for (int i = 0; i < connections; ++i) {
    const std::string& provider = providers[static_cast<std::size_t>(i) % providers.size()];
    threads_.emplace_back([this, port, provider, i](const std::stop_token& stop) {
      Send(port, provider, "process-" + std::to_string(i) + "-", stop);
    });
  }
}

Load::~Load() { Stop(); }

void Load::Stop() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

std::set<int> Load::statuses() const {
  std::set<int> all;
  for (const auto& [provider, statuses] : statuses_) all.insert(statuses.begin(), statuses.end());
  return all;
}

std::set<int> Load::statuses_of(const std::string& provider) const {
  const auto found = statuses_.find(provider);
  return found == statuses_.end() ? std::set<int>() : found->second;
}

void Load::Send(std::uint16_t port, const std::string& provider, const std::string& name,
                const std::stop_token& stop) {
  std::optional<RawConnection> connection = Connect(port);
  for (int number = 0; connection && !stop.stop_requested(); ++number) {
    Sent sent{.provider = provider, .id = name + std::to_string(number)};
    const std::string body =
        R"({"dossierId":"d","processId":")" + sent.id + R"(","status":"accepted"})";
    const auto sent_at = std::chrono::steady_clock::now();
    sent.is_sent = connection->Send(PostOf("/callbacks/" + provider, provider + "-secret", body));
    const std::optional<std::string> answer = connection->ReadAnswer(kAnswerLimit);
    sent.waited = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - sent_at);
    sent.status = StatusOf(answer);
    Note(sent);
    if (!answer || Summary(answer).ends_with(" close")) connection = Connect(port);
    // A real sender comes back later; an immediate retry would only load the machine.
    if (sent.status != 200) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void Load::WatchForStalls(const std::stop_token& stop) {
  using std::chrono::milliseconds;
  auto last = std::chrono::steady_clock::now();
  while (!stop.stop_requested()) {
    std::this_thread::sleep_for(milliseconds(10));
    const auto now = std::chrono::steady_clock::now();
    const auto stall = std::chrono::duration_cast<milliseconds>(now - last) - milliseconds(500);
    last = now;
    longest_stall_ = std::max(longest_stall_.load(), stall);
  }
}

void Load::Note(const Sent& sent) {
  const std::lock_guard lock(mutex_);
  if (sent.status == 0) {
    if (sent.is_sent) unanswered_.push_back(sent.id);
    return;
  }
  statuses_[sent.provider].insert(sent.status);
  longest_wait_ = std::max(longest_wait_, sent.waited);
  if (sent.status != 200) return;
  stored_.insert(sent.id);
  ++stored_count_;
}

std::vector<std::string> MissingOf(const std::set<std::string>& seen, tests::KafkaClient& kafka,
                                   const std::string& topic) {
  std::set<std::string> keys;
  for (const tests::Record& record : kafka.ReadAll(topic)) keys.insert(record.key.value_or(""));
  std::vector<std::string> missing;
  std::ranges::set_difference(seen, keys, std::back_inserter(missing));
  return missing;
}

}  // namespace ingest
