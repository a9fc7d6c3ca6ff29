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

/// One answer as it stood on the wire.
struct RawAnswer {
  int status = 0;
  std::string head;  ///< Status line and fields, without the blank line.
  std::string body;

  /// The first field of that name, in any case; none: empty.
  [[nodiscard]] std::string Field(std::string_view name) const;
};

struct RawClientOptions {
  std::string host = "127.0.0.1";
  int receive_buffer = 0;  ///< SO_RCVBUF; 0: the system's.
  std::string source{};    ///< The IPv4 address that it comes from; empty: the system's choice.
};

/// A TCP client that sends what it is told, well-formed or not, and reads answers one by one.
///
/// Errors: a connection that cannot be made, or that is gone, shows as Send() == false, no answer,
///         IsClosed().
class RawClient {
 public:
  using Milliseconds = std::chrono::milliseconds;

  explicit RawClient(std::uint16_t port, const RawClientOptions& options = {});

  [[nodiscard]] bool IsConnected() const { return static_cast<bool>(socket_); }
  [[nodiscard]] int socket() const { return socket_.get(); }

  /// All of it, or false when the server is gone or has taken nothing for `limit`.
  bool Send(std::string_view bytes, Milliseconds limit = Milliseconds(20000));
  /// As much as the kernel takes at once.
  std::size_t SendSome(std::string_view bytes);

  /// The next answer; none: closed, or nothing complete within the limit. A body is read by its
  /// Content-Length; `head_only` is for answers to HEAD.
  std::optional<RawAnswer> Read(Milliseconds limit = Milliseconds(20000), bool head_only = false);

  /// Everything until the server closes, or the limit.
  std::string ReadToEnd(Milliseconds limit = Milliseconds(5000));

  /// Whether the server closes the connection within the limit; bytes that come first are kept.
  bool IsClosedWithin(Milliseconds limit = Milliseconds(20000));
  /// Whether bytes or the end arrive within the limit.
  bool HearsWithin(Milliseconds limit);

  void HalfClose();
  /// Ends the connection with a reset.
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
