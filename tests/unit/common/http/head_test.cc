#include "common/http/head.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace common::http {
namespace {

std::string Describe(HttpFault fault) {
  switch (fault) {
    case HttpFault::kMalformed:
      return "malformed";
    case HttpFault::kLengthRequired:
      return "length required";
    default:
      return "another fault";
  }
}

/// "POST /path HTTP/1.1 length=2 keep" or the fault.
std::string Read(std::string_view bytes) {
  RequestHead head;
  Framing framing;
  if (const auto fault = ParseHead(bytes, head, framing)) return Describe(*fault);
  std::string text(head.method);
  text.append(" ").append(head.path);
  text.append(framing.http11 ? " 1.1" : " 1.0");
  text.append(framing.chunked ? " chunked" : " length=" + std::to_string(framing.length));
  text.append(framing.keep_alive ? " keep" : " close");
  if (framing.expects_continue) text.append(" expects");
  return text;
}

struct Case {
  const char* name;
  std::string head;
  const char* expected;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class HeadTable : public testing::TestWithParam<Case> {};

TEST_P(HeadTable, IsReadAsTheTableSays) { EXPECT_EQ(Read(GetParam().head), GetParam().expected); }

std::string Post(const std::string& fields) {
  return "POST /p HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}
std::string Get(const std::string& target, const std::string& version = "HTTP/1.1") {
  return "GET " + target + " " + version + "\r\nHost: h\r\n\r\n";
}

const std::string kHuge(40, '9');
const std::string kNulInValue("X: a\0b\r\nContent-Length: 2\r\n", 26);
const std::string kNulInName("X\0: a\r\nContent-Length: 2\r\n", 25);

INSTANTIATE_TEST_SUITE_P(
    Framing, HeadTable,
    testing::Values(
        Case{"length", Post("Content-Length: 2\r\n"), "POST /p 1.1 length=2 keep"},
        Case{"length_in_any_case", Post("cOnTeNt-LeNgTh:2\r\n"), "POST /p 1.1 length=2 keep"},
        Case{"length_with_blanks", Post("Content-Length: \t 2 \t\r\n"),
             "POST /p 1.1 length=2 keep"},
        Case{"length_zero", Post("Content-Length: 0\r\n"), "POST /p 1.1 length=0 keep"},
        Case{"length_saturates", Post("Content-Length: " + kHuge + "\r\n"),
             "POST /p 1.1 length=18446744073709551615 keep"},
        Case{"length_twice_equal", Post("Content-Length: 2\r\nContent-Length: 2\r\n"), "malformed"},
        Case{"length_twice", Post("Content-Length: 2\r\nContent-Length: 3\r\n"), "malformed"},
        Case{"length_list", Post("Content-Length: 2, 2\r\n"), "malformed"},
        Case{"length_plus", Post("Content-Length: +2\r\n"), "malformed"},
        Case{"length_minus", Post("Content-Length: -2\r\n"), "malformed"},
        Case{"length_hex", Post("Content-Length: 0x2\r\n"), "malformed"},
        Case{"length_with_tail", Post("Content-Length: 2a\r\n"), "malformed"},
        Case{"length_inner_blank", Post("Content-Length: 1 2\r\n"), "malformed"},
        Case{"length_empty", Post("Content-Length:\r\n"), "malformed"},
        Case{"length_blank_before_colon", Post("Content-Length : 2\r\n"), "malformed"},
        Case{"no_length", Post(""), "length required"},
        Case{"no_length_for_get", Get("/p"), "GET /p 1.1 length=0 keep"},
        Case{"post_is_case_sensitive", "post /p HTTP/1.1\r\nHost: h\r\n\r\n",
             "post /p 1.1 length=0 keep"},
        Case{"chunked", Post("Transfer-Encoding: chunked\r\n"), "POST /p 1.1 chunked keep"},
        Case{"chunked_in_any_case", Post("TRANSFER-ENCODING: ChunKed\r\n"),
             "POST /p 1.1 chunked keep"},
        Case{"chunked_twice", Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
             "malformed"},
        Case{"chunked_list", Post("Transfer-Encoding: chunked, chunked\r\n"), "malformed"},
        Case{"other_coding", Post("Transfer-Encoding: gzip, chunked\r\n"), "malformed"},
        Case{"unknown_coding", Post("Transfer-Encoding: xchunked\r\n"), "malformed"},
        Case{"identity", Post("Transfer-Encoding: identity\r\nContent-Length: 2\r\n"), "malformed"},
        Case{"coding_empty", Post("Transfer-Encoding:\r\n"), "malformed"},
        Case{"coding_with_vertical_tab", Post("Transfer-Encoding: \vchunked\r\n"), "malformed"},
        Case{"length_and_chunked", Post("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"),
             "malformed"},
        Case{"chunked_and_length", Post("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n"),
             "malformed"},
        Case{"chunked_in_1_0", "POST /p HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
             "malformed"}),
    [](const auto& tested) { return std::string(tested.param.name); });

INSTANTIATE_TEST_SUITE_P(
    RequestLine, HeadTable,
    testing::Values(
        Case{"query_is_cut", Get("/a/b?x=1"), "GET /a/b 1.1 length=0 keep"},
        Case{"fragment_is_cut", Get("/a#b"), "GET /a 1.1 length=0 keep"},
        Case{"path_stays_encoded", Get("/a%2Fb"), "GET /a%2Fb 1.1 length=0 keep"},
        Case{"path_beyond_ascii", Get("/\xc3\xa4"), "GET /\xc3\xa4 1.1 length=0 keep"},
        Case{"absolute", Get("http://x:80/a?b"), "GET /a 1.1 length=0 keep"},
        Case{"absolute_https", Get("HTTPS://x/a"), "GET /a 1.1 length=0 keep"},
        Case{"absolute_without_path", Get("http://x"), "GET / 1.1 length=0 keep"},
        Case{"absolute_with_query_only", Get("http://x?a/b"), "GET / 1.1 length=0 keep"},
        Case{"absolute_without_host", Get("http:///a"), "malformed"},
        Case{"absolute_empty", Get("http://"), "malformed"},
        Case{"other_scheme", Get("ftp://x/a"), "malformed"},
        Case{"asterisk", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "OPTIONS * 1.1 length=0 keep"},
        Case{"authority", "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n", "malformed"},
        Case{"no_slash", Get("a"), "malformed"},
        Case{"unknown_method", "F!O /p HTTP/1.1\r\nHost: h\r\n\r\n", "F!O /p 1.1 length=0 keep"},
        Case{"method_no_token", "G(T /p HTTP/1.1\r\nHost: h\r\n\r\n", "malformed"},
        Case{"no_method", " /p HTTP/1.1\r\nHost: h\r\n\r\n", "malformed"},
        Case{"no_target", "GET HTTP/1.1\r\nHost: h\r\n\r\n", "malformed"},
        Case{"two_blanks", "GET  HTTP/1.1\r\nHost: h\r\n\r\n", "malformed"},
        Case{"blank_in_target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", "malformed"},
        Case{"tab", "GET\t/a HTTP/1.1\r\nHost: h\r\n\r\n", "malformed"},
        Case{"no_version", "GET /p\r\nHost: h\r\n\r\n", "malformed"},
        Case{"version_0_9", "GET /p HTTP/0.9\r\nHost: h\r\n\r\n", "malformed"},
        Case{"version_1_2", Get("/p", "HTTP/1.2"), "GET /p 1.1 length=0 keep"},
        Case{"version_1_9", Get("/p", "HTTP/1.9"), "GET /p 1.1 length=0 keep"},
        Case{"version_1_2_without_host", "GET /p HTTP/1.2\r\n\r\n", "malformed"},
        Case{"version_1_2_chunked",
             "POST /p HTTP/1.2\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
             "POST /p 1.1 chunked keep"},
        Case{"version_1_10", Get("/p", "HTTP/1.10"), "malformed"},
        Case{"version_1_without_minor", Get("/p", "HTTP/1."), "malformed"},
        Case{"version_1_x", Get("/p", "HTTP/1.x"), "malformed"},
        Case{"version_01_1", Get("/p", "HTTP/01.1"), "malformed"},
        Case{"version_2", "GET /p HTTP/2.0\r\nHost: h\r\n\r\n", "malformed"},
        Case{"version_lower_case", "GET /p http/1.1\r\nHost: h\r\n\r\n", "malformed"},
        Case{"version_with_tail", "GET /p HTTP/1.1 \r\nHost: h\r\n\r\n", "malformed"}),
    [](const auto& tested) { return std::string(tested.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Fields, HeadTable,
    testing::Values(
        Case{"no_host", "GET /p HTTP/1.1\r\n\r\n", "malformed"},
        Case{"no_host_in_1_0", "GET /p HTTP/1.0\r\n\r\n", "GET /p 1.0 length=0 close"},
        Case{"host_twice", "GET /p HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", "malformed"},
        Case{"host_twice_in_1_0", "GET /p HTTP/1.0\r\nHost: h\r\nhost: h\r\n\r\n", "malformed"},
        Case{"host_empty", "GET /p HTTP/1.1\r\nHost:\r\n\r\n", "GET /p 1.1 length=0 keep"},
        Case{"close", "GET /p HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n",
             "GET /p 1.1 length=0 close"},
        Case{"close_in_a_list", "GET /p HTTP/1.1\r\nHost: h\r\nConnection: te, close\r\n\r\n",
             "GET /p 1.1 length=0 close"},
        Case{"close_beats_keep_alive",
             "GET /p HTTP/1.1\r\nHost: h\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n",
             "GET /p 1.1 length=0 close"},
        Case{"other_option", "GET /p HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n\r\n",
             "GET /p 1.1 length=0 keep"},
        Case{"keep_alive_in_1_0", "GET /p HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
             "GET /p 1.0 length=0 keep"},
        Case{"expect", Post("Content-Length: 2\r\nExpect: 100-Continue\r\n"),
             "POST /p 1.1 length=2 keep expects"},
        Case{"expect_something_else", Post("Content-Length: 2\r\nExpect: the-unexpected\r\n"),
             "POST /p 1.1 length=2 keep"},
        Case{"expect_in_1_0",
             "POST /p HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n",
             "POST /p 1.0 length=2 close"},
        Case{"no_colon", Post("Content-Length: 2\r\nFoo\r\n"), "malformed"},
        Case{"no_name", Post("Content-Length: 2\r\n: x\r\n"), "malformed"},
        Case{"folded", Post("X: a\r\n b\r\nContent-Length: 2\r\n"), "malformed"},
        Case{"folded_first", "POST /p HTTP/1.1\r\n Host: h\r\nContent-Length: 2\r\n\r\n",
             "malformed"},
        Case{"nul_in_value", Post(kNulInValue), "malformed"},
        Case{"nul_in_name", Post(kNulInName), "malformed"},
        Case{"bare_cr", Post("X: a\rb\r\nContent-Length: 2\r\n"), "malformed"},
        Case{"delete_in_value", Post("X: a\x7f\r\nContent-Length: 2\r\n"), "malformed"},
        Case{"blank_in_name", Post("X Y: a\r\nContent-Length: 2\r\n"), "malformed"},
        Case{"name_beyond_ascii", Post("X\x80: a\r\nContent-Length: 2\r\n"), "malformed"},
        Case{"value_beyond_ascii", Post("X: \xff\r\nContent-Length: 2\r\n"),
             "POST /p 1.1 length=2 keep"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(RequestHead, FindsFieldsInAnyCaseTrimmedAndCountsThem) {
  RequestHead head;
  Framing framing;
  const std::string bytes =
      Post("Content-Length: 0\r\nAUTHORIZATION: \t Bearer a \r\nauthorization: b\r\n");
  ASSERT_FALSE(ParseHead(bytes, head, framing));
  EXPECT_EQ(head.Find("Authorization"), "Bearer a");
  EXPECT_EQ(head.Count("Authorization"), 2U);
  EXPECT_EQ(head.Find("Accept"), std::nullopt);
  EXPECT_EQ(head.Count("Accept"), 0U);
  EXPECT_EQ(head.target, "/p");
}

TEST(RequestHead, ForgetsPreviousHeadWhenReused) {
  RequestHead head;
  Framing framing;
  ASSERT_FALSE(
      ParseHead(Post("Content-Length: 9\r\nX: y\r\nConnection: close\r\n"), head, framing));
  const std::string second = Get("/q");
  ASSERT_FALSE(ParseHead(second, head, framing));
  EXPECT_EQ(head.fields.size(), 1U);
  EXPECT_EQ(framing, Framing());
}

}  // namespace
}  // namespace common::http
