#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/framer.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/reference_http.h"
#include "tests/fuzz/require.h"

// The bytes of one connection, cut into requests. Required:
//   the same bytes yield the same requests and the same fault, however they are split
//   the head is unchanged when the body is complete
//   no body exceeds the limit or differs from its declared length
//   the framer consumes only bytes that it got, and all of them before it asks for more
//   every request ends where a second parser says, with the same body; both parsers refuse the same
//   requests
namespace {

using common::http::Framer;
using common::http::RequestHead;

struct Limits {
  std::size_t max_head;
  std::size_t max_body;
};

/// How to treat the bodies of the requests.
enum class Bodies { kRead, kSkip, kInTurns };

using NextSize = std::function<std::size_t(std::size_t left)>;

std::string Describe(const RequestHead& head) {
  std::string text(head.method);
  text.append(" ").append(head.target).append(" (").append(head.path).append(")");
  for (const auto& [name, value] : head.fields) {
    text.append("\n").append(name).append("=").append(value);
  }
  return text;
}

std::string Describe(const common::http::Framing& framing) {
  return std::string(framing.http11 ? " 1.1" : " 1.0") + (framing.keep_alive ? " keep" : "") +
         (framing.expects_continue ? " continue" : "") +
         (framing.chunked ? " chunked" : " " + std::to_string(framing.length));
}

class Reading {
 public:
  Reading(const Limits& limits, Bodies bodies)
      : limits_(limits), bodies_(bodies), framer_(limits.max_head, limits.max_body) {}

  /// False on a fault.
  bool Read(std::string_view piece) {
    // Copies to a buffer of exactly this size, so that a sanitizer detects reads beyond it or
    // later.
    const std::unique_ptr<char[]> bytes(new char[piece.size()]);
    std::copy(piece.begin(), piece.end(), bytes.get());
    std::string_view input(bytes.get(), piece.size());
    while (true) {
      const std::string_view before = input;
      const Framer::Step step = framer_.Read(input);
      fuzz::Require(input.empty() || (input.size() <= before.size() &&
                                      input.data() + input.size() == before.data() + before.size()),
                    "the input is taken from its front");
      switch (step) {
        case Framer::Step::kMore:
          fuzz::Require(input.empty(), "more is requested only after all input is consumed");
          return true;
        case Framer::Step::kHead:
          OnHead();
          break;
        case Framer::Step::kRequest:
          OnRequest();
          break;
        case Framer::Step::kFault:
          steps_.push_back("fault " + std::to_string(static_cast<int>(framer_.fault())));
          return false;
      }
    }
  }

  [[nodiscard]] const std::vector<std::string>& steps() const { return steps_; }

 private:
  void OnHead() {
    head_ = Describe(framer_.head());
    fuzz::Require(head_.size() <= 2 * limits_.max_head + 16, "a head within the limit");
    fuzz::Require(!framer_.framing().chunked || framer_.framing().length == 0,
                  "either chunked or of a length");
    steps_.push_back(head_ + Describe(framer_.framing()));
    skips_ = bodies_ == Bodies::kSkip || (bodies_ == Bodies::kInTurns && steps_.size() % 4 == 1);
    skips_ ? framer_.SkipBody(limits_.max_body / 2) : framer_.ReadBody();
  }

  void OnRequest() {
    const std::string_view body = framer_.body();
    if (!skips_) {
      fuzz::Require(Describe(framer_.head()) == head_, "the head outlives its piece");
      fuzz::Require(body.size() <= limits_.max_body, "a body within the limit");
      fuzz::Require(framer_.framing().chunked || body.size() == framer_.framing().length,
                    "a body of its declared length");
    }
    steps_.push_back("body " + std::string(body));
    framer_.Next();
    fuzz::Require(framer_.AtStart(), "the next request begins");
  }

  Limits limits_;
  Bodies bodies_;
  Framer framer_;
  std::string head_;
  bool skips_ = false;
  std::vector<std::string> steps_;
};

std::vector<std::string> Read(std::string_view stream, const Limits& limits, Bodies bodies,
                              const NextSize& next_size) {
  Reading reading(limits, bodies);
  while (!stream.empty()) {
    const std::size_t size = next_size(stream.size());
    if (!reading.Read(stream.substr(0, size))) break;
    stream.remove_prefix(size);
  }
  return reading.steps();
}

/// The stream's requests when parsed in one piece.
std::vector<fuzz::ReferenceRequest> Requests(std::string_view stream, const Limits& limits) {
  std::vector<fuzz::ReferenceRequest> requests;
  Framer framer(limits.max_head, limits.max_body);
  std::string_view input = stream;
  while (true) {
    switch (framer.Read(input)) {
      case Framer::Step::kMore:
      case Framer::Step::kFault:
        return requests;
      case Framer::Step::kHead:
        framer.ReadBody();
        break;
      case Framer::Step::kRequest:
        requests.push_back(
            {.end = stream.size() - input.size(), .body = std::string(framer.body())});
        framer.Next();
        break;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view stream = fuzz::TextOf(data, size);
  fuzz::Choices choices(stream);
  for (const Limits& limits :
       {Limits{.max_head = 16384, .max_body = 65536}, Limits{.max_head = 96, .max_body = 24}}) {
    const fuzz::ReferenceLimits same{.max_head = limits.max_head, .max_body = limits.max_body};
    fuzz::Require(Requests(stream, limits) == fuzz::ReadReferenceRequests(stream, same),
                  "requests end where the reference says");
    for (const Bodies bodies : {Bodies::kRead, Bodies::kSkip, Bodies::kInTurns}) {
      const auto whole = Read(stream, limits, bodies, [](std::size_t left) { return left; });
      fuzz::Require(whole == Read(stream, limits, bodies, [](std::size_t) { return 1; }),
                    "byte by byte as in one piece");
      const auto in_pieces = Read(stream, limits, bodies, [&](std::size_t left) {
        return 1 + choices.Below(std::min<std::size_t>(left, 40));
      });
      fuzz::Require(whole == in_pieces, "in pieces as in one piece");
      const auto in_two = Read(stream, limits, bodies, [&](std::size_t left) {
        return left == stream.size() ? 1 + choices.Below(left) : left;
      });
      fuzz::Require(whole == in_two, "in two pieces as in one");
    }
  }
  return 0;
}
