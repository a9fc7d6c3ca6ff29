#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/fd.h"

namespace ingest {

/// A connection on which a test says what it likes.
class RawConnection {
 public:
  /// Throws if nobody listens on the loopback's port.
  explicit RawConnection(std::uint16_t port);

  /// False if the other end is gone.
  bool Send(std::string_view bytes) const;
  void EndSending() const;

  /// The next answer: its head and its body by Content-Length. nullopt: the connection ended, or
  /// nothing (or not all of it) came within the limit.
  std::optional<std::string> ReadAnswer(
      std::chrono::milliseconds limit = std::chrono::milliseconds(30'000));

  /// Whether the server has accepted it by then, and does not merely have it in a listener's queue.
  [[nodiscard]] bool WaitUntilAccepted(
      std::chrono::milliseconds limit = std::chrono::milliseconds(30'000)) const;

  /// Whether the other end closes within the limit.
  bool WaitForClose(std::chrono::milliseconds limit = std::chrono::milliseconds(30'000));

 private:
  enum class Received { kBytes, kEnd, kNothing };
  Received Receive(std::chrono::steady_clock::time_point until);

  common::Fd fd_;
  std::string buffer_;
};

/// "405 Allow: POST close" of an answer: status, Allow, whether the connection is to end. "nothing"
/// of none.
[[nodiscard]] std::string Summary(const std::optional<std::string>& answer);

/// The status alone; 0 of none.
[[nodiscard]] int StatusOf(const std::optional<std::string>& answer);

/// A POST as a provider sends it.
[[nodiscard]] std::string PostOf(std::string_view path, std::string_view secret,
                                 std::string_view body, std::string_view more_fields = "");

}  // namespace ingest
