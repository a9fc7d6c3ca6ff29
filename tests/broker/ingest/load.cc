#include "tests/broker/ingest/load.h"

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
    const std::lock_guard lock(mutex_);
    if (!answer) {
      // An idle connection may be closed in the moment in which a request is sent on it.
      if (is_sent) unanswered_.push_back(id);
      connection = Connect(port);
      continue;
    }
    statuses_.insert(StatusOf(answer));
    if (StatusOf(answer) == 200) {
      stored_.insert(id);
      ++stored_count_;
    }
    if (Summary(answer).ends_with(" close")) connection = Connect(port);
  }
}

}  // namespace ingest
