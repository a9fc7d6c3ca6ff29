#include "common/http/framer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/unit/common/http/splits.h"

namespace common::http {
namespace {

constexpr std::size_t kMaxHead = 128;
constexpr std::size_t kMaxBody = 40;

std::string Describe(HttpFault fault) {
  switch (fault) {
    case HttpFault::kMalformed:
      return "malformed";
    case HttpFault::kLengthRequired:
      return "length required";
    case HttpFault::kHeadTooLarge:
      return "head too large";
    case HttpFault::kBodyTooLarge:
      return "body too large";
    default:
      return "another fault";
  }
}

/// Every request as "METHOD target fields|body", in order, then what is wrong or unfinished.
/// Requests for /skip have their body skipped.
class Reader {
 public:
  void Feed(std::string_view piece) {
    // On the heap and gone afterwards, so that views kept for too long are found.
    const auto copy = std::make_unique<std::string>(piece);
    std::string_view input = *copy;
    while (!is_broken_ && Step(input)) {
    }
  }

  std::string text() const {
    if (is_broken_) return text_;
    if (framer_.InHead()) return text_ + "in head";
    if (framer_.InBody()) return text_ + "in body";
    if (framer_.IsSkipping()) return text_ + "skipping";
    return text_;
  }

 private:
  bool Step(std::string_view& input) {
    switch (framer_.Read(input)) {
      case Framer::Step::kMore:
        EXPECT_TRUE(input.empty());
        return false;
      case Framer::Step::kHead:
        if (framer_.head().path == "/skip") {
          framer_.SkipBody(16);
        } else {
          framer_.ReadBody();
        }
        return true;
      case Framer::Step::kRequest:
        text_ += Request() + "; ";
        framer_.Next();
        return true;
      case Framer::Step::kFault:
        text_ += Describe(framer_.fault());
        is_broken_ = true;
        return false;
    }
    return false;
  }

  std::string Request() {
    const RequestHead& head = framer_.head();
    if (framer_.body().data() == nullptr) return "skipped";
    std::string text(head.method);
    text.append(" ").append(head.target);
    for (const Field& field : head.fields) {
      text.append(" ").append(field.name).append("=").append(field.value);
    }
    return text.append("|").append(framer_.body());
  }

  Framer framer_{kMaxHead, kMaxBody};
  std::string text_;
  bool is_broken_ = false;
};

std::string ReadAll(const Pieces& pieces) {
  Reader reader;
  for (const std::string_view piece : pieces) reader.Feed(piece);
  return reader.text();
}

struct Case {
  const char* name;
  std::string bytes;
  std::string expected;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class FramerTable : public testing::TestWithParam<Case> {};

TEST_P(FramerTable, GivesTheSameRequestsHoweverTheBytesAreSplit) {
  ExpectSameHoweverSplit(GetParam().bytes, GetParam().expected, ReadAll);
}

const std::string kPost = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
const std::string kPostRead = "POST /a Host=h Content-Length=3|abc; ";
const std::string kChunked =
    "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
    "chunked\r\n\r\n2\r\nxy\r\n1;e\r\nz\r\n0\r\nT: "
    "u\r\n\r\n";
const std::string kChunkedRead = "POST /c Host=h Transfer-Encoding=chunked|xyz; ";

/// A request whose head is exactly `length` bytes.
std::string HeadOf(std::size_t length) {
  const std::string start = "GET / HTTP/1.1\r\nHost: ";
  return start + std::string(length - start.size() - 4, 'h') + "\r\n\r\n";
}
std::string BodyOf(std::size_t length) {
  return "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n" +
         std::string(length, 'b');
}

INSTANTIATE_TEST_SUITE_P(
    Requests, FramerTable,
    testing::Values(
        Case{"one", kPost, kPostRead}, Case{"two", kPost + kPost, kPostRead + kPostRead},
        Case{"mixed", kPost + kChunked + HeadOf(30) + kPost,
             kPostRead + kChunkedRead + "GET / Host=hhhh|; " + kPostRead},
        Case{"unfinished_head", kPost + "POST /b HTTP/1.1\r\nHo", kPostRead + "in head"},
        Case{"unfinished_body", kPost.substr(0, kPost.size() - 1), "in body"},
        Case{"unfinished_chunk", kChunked.substr(0, kChunked.size() - 2), "in body"},
        Case{"empty_lines_before", "\r\n\r\n" + kPost + "\r\n" + kPost, kPostRead + kPostRead},
        Case{"half_an_empty_line", kPost + "\r", kPostRead + "in head"},
        Case{"skipped", "POST /skip HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" + kPost,
             "skipped; " + kPostRead},
        Case{"skipped_chunked",
             "POST /skip HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"
             "\r\n" +
                 kPost,
             "skipped; " + kPostRead},
        Case{"skipping", "POST /skip HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nab",
             "skipping"},
        Case{"largest_head", HeadOf(kMaxHead),
             "GET / Host=" + std::string(kMaxHead - 26, 'h') + "|; "},
        Case{"largest_body", BodyOf(kMaxBody),
             "POST / Host=h Content-Length=40|" + std::string(kMaxBody, 'b') + "; "}),
    [](const auto& tested) { return std::string(tested.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Faults, FramerTable,
    testing::Values(
        Case{"head_too_large", HeadOf(kMaxHead + 1), "head too large"},
        Case{"line_too_large", "GET /" + std::string(300, 'a'), "head too large"},
        Case{"head_too_large_behind_others", kPost + HeadOf(kMaxHead + 1),
             kPostRead + "head too large"},
        Case{"broken_field_beyond_the_limit", HeadOf(kMaxHead).substr(0, kMaxHead - 2) + "\x01",
             "malformed"},
        Case{"broken_byte_beyond_the_limit", "GET /" + std::string(200, 'a') + "\x01",
             "head too large"},
        Case{"body_too_large", BodyOf(kMaxBody + 1), "body too large"},
        Case{"chunks_too_large",
             "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n" +
                 std::string(32, 'x') + "\r\n9\r\n",
             "body too large"},
        Case{"chunk_extension_too_large",
             "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                 std::string(kMaxHead, 'e'),
             "head too large"},
        Case{"skipped_chunks_too_large",
             "POST /skip HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n",
             "body too large"},
        Case{"malformed_behind_a_good_one", kPost + "GARBAGE\r\n\r\n", kPostRead + "malformed"},
        Case{"broken_chunk",
             "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab\r\n",
             "malformed"},
        Case{"length_required", "POST / HTTP/1.1\r\nHost: h\r\n\r\n", "length required"},
        Case{"bare_lf", "GET / HTTP/1.1\nHost: h\n\n", "malformed"},
        Case{"bare_lf_behind_a_field", "GET / HTTP/1.1\r\nHost: h\n\r\n", "malformed"},
        Case{"bare_lf_first", "\nGET / HTTP/1.1\r\n", "malformed"},
        Case{"bare_cr", "GET / HTTP/1.1\rHost: h", "malformed"},
        Case{"bare_cr_first", "\rGET / HTTP/1.1", "malformed"},
        Case{"many_empty_lines", "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n" + kPost, "malformed"}),
    [](const auto& tested) { return std::string(tested.param.name); });

// Told at once, not after a timeout: the bytes end before any line does.
INSTANTIATE_TEST_SUITE_P(
    NoRequestLine, FramerTable,
    testing::Values(Case{"tls_hello", "\x16\x03\x01", "malformed"},
                    Case{"binary", "\x80", "malformed"},
                    Case{"nul", std::string(1, '\0'), "malformed"},
                    Case{"method_no_token", "GE{", "malformed"},
                    Case{"leading_blank", " ", "malformed"},
                    Case{"control_character_in_target", "GET /\x07", "malformed"},
                    Case{"line_without_version", "hello world\r\n", "malformed"},
                    Case{"http2_preface", "PRI * HTTP/2.0\r\n", "malformed"},
                    Case{"control_character_in_field", "GET / HTTP/1.1\r\nX: \x01", "malformed"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Framer, KeepsTheHeadWhileTheBodyComes) {
  Framer framer(kMaxHead, kMaxBody);
  auto head = std::make_unique<std::string>(kPost.substr(0, kPost.size() - 2));
  std::string_view input = *head;
  ASSERT_EQ(framer.Read(input), Framer::Step::kHead);
  EXPECT_FALSE(framer.HasBodyBytes());
  framer.ReadBody();
  ASSERT_EQ(framer.Read(input), Framer::Step::kMore);
  EXPECT_TRUE(framer.HasBodyBytes());
  head.reset();
  input = "bc";
  ASSERT_EQ(framer.Read(input), Framer::Step::kRequest);
  EXPECT_EQ(framer.head().path, "/a");
  EXPECT_EQ(framer.head().Find("host"), "h");
  EXPECT_EQ(framer.body(), "abc");
}

/// The most memory held while a request is read in pieces of that size.
std::size_t MostHeld(const std::string& request, std::size_t piece, std::size_t max_body) {
  Framer framer(kMaxHead, max_body);
  std::size_t most = 0;
  for (std::size_t from = 0; from < request.size(); from += piece) {
    std::string_view input = std::string_view(request).substr(from, piece);
    auto step = framer.Read(input);
    if (step == Framer::Step::kHead) {
      framer.ReadBody();
      step = framer.Read(input);
    }
    if (step == Framer::Step::kMore) most = std::max(most, framer.HeldBytes());
  }
  framer.Next();
  EXPECT_EQ(framer.HeldBytes(), 0U) << "between requests";
  return most;
}

std::string HeadOfManyFields(std::size_t count) {
  std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n";
  for (std::size_t i = 0; i < count; ++i) head += "a:\r\n";
  return head + "\r\n";
}

TEST(Framer, CountsTheMemoryOfManyShortFields) {
  constexpr std::size_t kFields = 200;
  const std::string head = HeadOfManyFields(kFields);
  Framer framer(2 * head.size(), 100);
  std::string_view input = head;
  ASSERT_EQ(framer.Read(input), Framer::Step::kHead);
  framer.ReadBody();
  ASSERT_EQ(framer.Read(input), Framer::Step::kMore);
  EXPECT_GE(framer.HeldBytes(), head.size() + kFields * sizeof(Field));
}

TEST(Framer, HoldsNothingOfARequestWhoseBodyItSkips) {
  const std::string head = HeadOfManyFields(200);
  Framer framer(2 * head.size(), 100);
  std::string_view input = head;
  ASSERT_EQ(framer.Read(input), Framer::Step::kHead);
  framer.SkipBody(100);
  ASSERT_EQ(framer.Read(input), Framer::Step::kMore);
  EXPECT_EQ(framer.HeldBytes(), 0U);
  EXPECT_EQ(framer.head().fields.capacity(), 0U);
}

TEST(Framer, HoldsNoMoreThanTheDeclaredBodyAndItsHead) {
  constexpr std::size_t kLength = 100'000;
  const std::string request =
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + std::string(kLength, 'b');
  for (const std::size_t piece : {777U, 9'999U, 65'535U}) {
    const std::size_t most = MostHeld(request, piece, 1'000'000);
    EXPECT_GT(most, kLength / 2) << "in pieces of " << piece;
    EXPECT_LE(most, kLength + kMaxHead) << "in pieces of " << piece;
  }
}

TEST(Framer, HoldsNoMoreThanTheLargestBodyOfAChunkedOne) {
  constexpr std::size_t kLargest = 50'000;
  std::string request = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 5; ++i) request += "2710\r\n" + std::string(10'000, 'b') + "\r\n";
  request += "0\r\n\r\n";
  for (const std::size_t piece : {777U, 9'999U, 40'000U}) {
    EXPECT_LE(MostHeld(request, piece, kLargest), kLargest + kMaxHead);
  }
}

}  // namespace
}  // namespace common::http
