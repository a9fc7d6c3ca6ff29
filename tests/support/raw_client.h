#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/fd.h"

namespace tests {

/// One answer as received.
struct RawAnswer {
  int status = 0;
  std::string head;  ///< Status line and fields, without the blank line.
  std::string body;

  /// The first field of this name, in any case; empty if absent.
  [[nodiscard]] std::string Field(std::string_view name) const;
};

struct RawClientOptions {
  std::string host = "127.0.0.1";
  int receive_buffer = 0;  ///< SO_RCVBUF; 0: the system's default.
  std::string source{};    ///< Source IPv4 address; empty: the system chooses.
};

/// A TCP client that sends arbitrary bytes and reads answers one by one.
///
/// Errors: a failed or closed connection shows as Send() == false, no answer, IsClosed().
class RawClient {
 public:
  using Milliseconds = std::chrono::milliseconds;

  explicit RawClient(std::uint16_t port, const RawClientOptions& options = {});

  [[nodiscard]] bool IsConnected() const { return static_cast<bool>(socket_); }
  [[nodiscard]] int socket() const { return socket_.get(); }

  /// Sends everything. False if the server has closed or accepts nothing for `limit`.
  bool Send(std::string_view bytes, Milliseconds limit = Milliseconds(20000));
  /// Sends as much as the kernel accepts without blocking.
  std::size_t SendSome(std::string_view bytes);

  /// The next answer; nullopt if the connection closed or the answer is incomplete at the limit.
  /// Reads a body by its Content-Length; `head_only` is for answers to HEAD.
  std::optional<RawAnswer> Read(Milliseconds limit = Milliseconds(20000), bool head_only = false);

  /// Reads until the server closes, or the limit.
  std::string ReadToEnd(Milliseconds limit = Milliseconds(5000));

  /// True if the server closes the connection within the limit. Keeps bytes received before.
  bool IsClosedWithin(Milliseconds limit = Milliseconds(20000));
  /// True if bytes or the end arrive within the limit.
  bool HearsWithin(Milliseconds limit);

  void HalfClose();
  /// Closes the connection with a reset.
  void Abort();
  void Close() { socket_.Reset(); }

 private:
  bool Fill(std::chrono::steady_clock::time_point end);
  [[nodiscard]] std::optional<std::size_t> AnswerLength(bool head_only) const;

  common::Fd socket_;
  std::string received_;
  bool is_closed_ = false;
};

/// "POST <path> HTTP/1.1" with Host, `fields` (each with its CRLF), Content-Length and the body.
[[nodiscard]] std::string PostRequest(std::string_view path, std::string_view body,
                                      std::string_view fields = {});

}  // namespace tests
