#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace common::http {

/// The bytes of one answer on their way to one socket.
class Outbox {
 public:
  enum class Outcome {
    kSent,     ///< The kernel has all of it.
    kPartial,  ///< The rest is kept; call Flush() when the socket is writable.
    kGone,     ///< The client has closed the connection.
  };

  /// Normally one system call. May use up both strings. Precondition: nothing is kept.
  Outcome Send(int socket, std::string& head, std::string& body);
  Outcome Flush(int socket);

  /// Bytes that the kernel has taken of this answer.
  [[nodiscard]] std::size_t sent() const { return sent_; }

 private:
  void Release();

  std::string rest_;
  std::size_t offset_ = 0;
  std::size_t sent_ = 0;
};

}  // namespace common::http
