#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace common::http {

/// The bytes of one answer on their way to one socket.
class Outbox {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  enum class SendStatus {
    kSent,     ///< The kernel has all of it.
    kPartial,  ///< The rest is kept; call Flush() when the socket is writable.
    kGone,     ///< The client has closed the connection.
  };

  /// Normally one system call. May use up both strings. Precondition: nothing is kept.
  SendStatus Send(int socket, std::string& head, std::string& body);
  SendStatus Flush(int socket);

  /// When the client last took a good piece: a byte now and then does not count as reading.
  [[nodiscard]] TimePoint last_progress() const { return last_progress_; }

 private:
  void NoteProgress();

  std::string rest_;
  std::size_t offset_ = 0;
  std::size_t progress_ = 0;  // offset_ at last_progress_
  TimePoint last_progress_{};
};

}  // namespace common::http
