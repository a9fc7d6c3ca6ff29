#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/fd.h"

namespace ingest {

/// A connection that sends arbitrary bytes.
class RawConnection {
 public:
  /// Throws if nothing listens on this loopback port.
  explicit RawConnection(std::uint16_t port);

  /// False if the peer has closed.
  bool Send(std::string_view bytes) const;
  void EndSending() const;

  /// Returns the next answer, with its body by Content-Length. nullopt if the connection closed, or
  /// the answer is missing or incomplete at the limit.
  std::optional<std::string> ReadAnswer(
      std::chrono::milliseconds limit = std::chrono::milliseconds(30'000));

  /// True if the peer closes within the limit.
  bool WaitForClose(std::chrono::milliseconds limit = std::chrono::milliseconds(30'000));

 private:
  enum class Received { kBytes, kEnd, kNothing };
  Received Receive(std::chrono::steady_clock::time_point until);

  common::Fd fd_;
  std::string buffer_;
};

/// Renders an answer as "405 Allow: POST close": status, Allow, and whether the connection will
/// close. "nothing" if there is none.
[[nodiscard]] std::string Summary(const std::optional<std::string>& answer);

/// The status alone; 0 without an answer.
[[nodiscard]] int StatusOf(const std::optional<std::string>& answer);

/// A provider's POST.
[[nodiscard]] std::string PostOf(std::string_view path, std::string_view secret,
                                 std::string_view body, std::string_view more_fields = "");

}  // namespace ingest
