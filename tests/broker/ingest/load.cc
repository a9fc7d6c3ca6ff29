#include "tests/broker/ingest/load.h"

#include <chrono>
#include <optional>
#include <stop_token>
#include <system_error>

#include "tests/component/ingest/support/raw_connection.h"

namespace ingest {
namespace {

std::optional<RawConnection> Connect(std::uint16_t port) {
  try {
    return RawConnection(port);
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

}  // namespace

Load::Load(std::uint16_t port, int connections) {
  for (int i = 0; i < connections; ++i) {
    threads_.emplace_back([this, port, i](const std::stop_token& stop) {
      Send(port, "process-" + std::to_string(i) + "-", stop);
    });
  }
}

Load::~Load() { Stop(); }

void Load::Stop() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

void Load::Send(std::uint16_t port, const std::string& name, const std::stop_token& stop) {
  std::optional<RawConnection> connection = Connect(port);
  for (int number = 0; connection && !stop.stop_requested(); ++number) {
    const std::string id = name + std::to_string(number);
    const std::string body = R"({"dossierId":"d","processId":")" + id + R"(","status":"accepted"})";
    const bool is_sent = connection->Send(PostOf("/callbacks/onfido", "onfido-secret", body));
    const std::optional<std::string> answer = connection->ReadAnswer();
    Note(id, is_sent, StatusOf(answer));
    if (!answer || Summary(answer).ends_with(" close")) connection = Connect(port);
    // A refused sender comes back later; one that came at once would only keep the machine busy.
    if (StatusOf(answer) != 200) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void Load::Note(const std::string& id, bool is_sent, int status) {
  const std::lock_guard lock(mutex_);
  if (status == 0) {
    if (is_sent) unanswered_.push_back(id);
    return;
  }
  statuses_.insert(status);
  if (status != 200) return;
  stored_.insert(id);
  ++stored_count_;
}

}  // namespace ingest
