#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// THE answer table as a sender sees it, written a second time from the documents and not from the
// code: every request variant, for every sender, over real sockets.
namespace ingest {

/// Part of every secret, body, query and unusual field that the tests send. It must never appear in
/// an answer, the log or the metrics.
inline constexpr std::string_view kNeedle = "zq-needle-qz";

// The limits in ingest's configuration.
inline constexpr std::size_t kMaxBody = 2048;
inline constexpr std::size_t kMaxHead = 2048;

/// Senders with different rules; the columns of the table.
enum Column { kOnfido, kEid, kReadId, kOneShot, kUnknown };
inline constexpr std::size_t kColumns = 5;

struct Sender {
  const char* name;
  const char* provider;  ///< As stored.
  const char* path;
  std::string secret;
  Column column;
};

[[nodiscard]] const std::vector<Sender>& Senders();
[[nodiscard]] std::string SecretOf(std::string_view provider);

/// The variables of one request.
struct Asking {
  const Sender& sender;
  std::string traceparent;
  std::string body;
};

enum class Delivery {
  kAtOnce,
  kByteByByte,
  kThenSilence,  ///< Sends an incomplete request, then nothing: the server must time out.
  kThenTrickle,  ///< Sends an incomplete request, then a byte now and then.
  kThenEnd,      ///< Sends an incomplete request, then half-closes.
};

// expected := answer { ", " answer } | "nothing"      ; "nothing": closed without an answer
// answer   := ( status | "A" | "U" ) [ " Allow: POST" ] [ " close" ]
//             A: like a valid callback of this sender; U: like one of an unknown provider
using Expected = std::array<const char*, kColumns>;

struct RequestVariant {
  const char* name;
  Expected expected;
  std::function<std::string(const Asking&)> ask;
  Delivery delivery = Delivery::kAtOnce;
  std::optional<std::string> body{};  ///< Replaces the usual callback.
  bool is_head_only = false;          ///< The answers have no body.
};

/// Valid requests, though some are unusual.
[[nodiscard]] std::vector<RequestVariant> AcceptedRequests();
/// Refused for their authorization, path, method or size.
[[nodiscard]] std::vector<RequestVariant> RefusedRequests();
/// Too slow or cut off.
[[nodiscard]] std::vector<RequestVariant> SlowRequests();
/// Broken framing: 400 for every sender.
[[nodiscard]] std::vector<RequestVariant> MalformedRequests();
/// Outside the prefix: 404 for every sender.
[[nodiscard]] std::vector<RequestVariant> RequestsOutsideThePrefix();

[[nodiscard]] constexpr Expected Same(const char* answer) {
  return {answer, answer, answer, answer, answer};
}

/// Deviations from the usual head.
struct Head {
  std::string method = "POST";
  std::optional<std::string> target{};
  std::string version = "HTTP/1.1";
  std::optional<std::string> authorization{};  ///< Empty: no such field.
  std::string fields{};                        ///< More fields, each with its CRLF.
};

/// The head, including its blank line.
[[nodiscard]] std::string Render(const Asking& asking, const Head& head);
/// The head with Content-Length, and the body.
[[nodiscard]] std::string Post(const Asking& asking, const Head& head = {});
/// The head, and the body in chunks of at most `size` bytes.
[[nodiscard]] std::string PostChunked(const Asking& asking, std::size_t size = 7,
                                      const std::string& extension = "",
                                      const std::string& trailers = "");

}  // namespace ingest
