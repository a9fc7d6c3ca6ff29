#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// THE table of what a sender is told, written down a second time from the documents and not from
// the code: every way to ask, for every sender, over real sockets.
namespace ingest {

/// Stands in every secret, body, query and odd header that is sent: none of it may come back, or be
/// logged or counted.
inline constexpr std::string_view kNeedle = "zq-needle-qz";

// The limits that ingest is configured with.
inline constexpr std::size_t kMaxBody = 2048;
inline constexpr std::size_t kMaxHead = 2048;

/// Senders with rules of their own; the columns of the table.
enum Column { kOnfido, kEid, kReadId, kOneShot, kUnknown };
inline constexpr std::size_t kColumns = 5;

struct Sender {
  const char* name;
  const char* provider;  ///< As it is stored.
  const char* path;
  std::string secret;
  Column column;
};

[[nodiscard]] const std::vector<Sender>& Senders();
[[nodiscard]] std::string SecretOf(std::string_view provider);

/// One request in the making.
struct Asking {
  const Sender& sender;
  std::string traceparent;
  std::string body;
};

enum class Delivery {
  kAtOnce,
  kByteByByte,
  kThenSilence,  ///< What is sent is not the whole: the server must lose its patience.
  kThenTrickle,  ///< The same, a byte now and then.
  kThenEnd,      ///< What is sent is followed by the end of what the client sends.
};

// expected := answer { ", " answer } | "nothing"      ; "nothing": closed without an answer
// answer   := ( status | "A" | "U" ) [ " Allow: POST" ] [ " close" ]
//             A: as a valid callback of this sender is answered; U: as one of an unknown provider
using Expected = std::array<const char*, kColumns>;

struct Way {
  const char* name;
  Expected expected;
  std::function<std::string(const Asking&)> ask;
  Delivery delivery = Delivery::kAtOnce;
  std::optional<std::string> body{};  ///< Instead of a callback's usual one.
  bool is_head_only = false;          ///< The answers have no body.
};

/// Ways to hand in a callback, well-formed if not always welcome.
[[nodiscard]] std::vector<Way> WaysToBeTaken();
/// By authorization, path, method and size.
[[nodiscard]] std::vector<Way> WaysToBeRefused();
/// Too slow, or cut short.
[[nodiscard]] std::vector<Way> WaysToBeTooSlow();
/// Broken framing: 400 for everybody.
[[nodiscard]] std::vector<Way> WaysToBeMalformed();
/// Outside the prefix: 404 for everybody.
[[nodiscard]] std::vector<Way> WaysToMiss();

[[nodiscard]] constexpr Expected Same(const char* answer) {
  return {answer, answer, answer, answer, answer};
}

/// What differs from the usual head.
struct Head {
  std::string method = "POST";
  std::optional<std::string> target{};
  std::string version = "HTTP/1.1";
  std::optional<std::string> authorization{};  ///< The value; empty: no such field.
  std::string fields{};                        ///< Further ones, each with its CRLF.
};

/// The head, blank line included.
[[nodiscard]] std::string Render(const Asking& asking, const Head& head);
/// The head with Content-Length, and the body.
[[nodiscard]] std::string Post(const Asking& asking, const Head& head = {});
/// The head and the body as chunks of at most `size` bytes.
[[nodiscard]] std::string PostChunked(const Asking& asking, std::size_t size = 7,
                                      const std::string& extension = "",
                                      const std::string& trailers = "");

}  // namespace ingest
