// A table of single clients' requests, well-formed or not, and the answers over real sockets.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/component/common/http/scripted_service.h"
#include "tests/support/raw_client.h"

namespace common::http {
namespace {

using namespace std::chrono_literals;
using tests::RawClient;

enum class End {
  kOpen,     ///< The next request on the connection is answered.
  kClosed,   ///< Nothing follows but the end.
  kWaiting,  ///< The server waits for the rest.
};

struct Probe {
  const char* name;
  std::vector<std::string> pieces;
  std::vector<int> statuses;
  End end;
  bool half_close = false;
};
void PrintTo(const Probe& probe, std::ostream* out) { *out << probe.name; }

ServerOptions Options() {
  ServerOptions options;
  options.max_head = 8192;
  options.max_body = 15'000;
  return options;
}

class Probes : public testing::TestWithParam<Probe> {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<RunningServer>(Options()); }
  static void TearDownTestSuite() { server_.reset(); }

  static std::unique_ptr<RunningServer> server_;
};
std::unique_ptr<RunningServer> Probes::server_;

bool AsksOnceMore(RawClient& client) {
  client.Send(tests::PostRequest("/", "still open"));
  const auto answer = client.Read();
  return answer && answer->status == 200 && answer->body == "still open";
}

TEST_P(Probes, AreAnsweredAsTheTableSays) {
  const Probe& probe = GetParam();
  const bool is_head = probe.pieces.front().starts_with("HEAD");
  RawClient client(server_->port());
  for (const std::string& piece : probe.pieces) client.Send(piece);
  if (probe.half_close) client.HalfClose();
  std::vector<int> statuses;
  while (statuses.size() < probe.statuses.size()) {
    const auto answer = client.Read(5s, is_head);
    if (!answer) break;
    statuses.push_back(answer->status);
  }
  ASSERT_EQ(statuses, probe.statuses);
  switch (probe.end) {
    case End::kOpen:
      EXPECT_TRUE(AsksOnceMore(client));
      break;
    case End::kClosed:
      EXPECT_TRUE(client.IsClosedWithin(5s));
      EXPECT_EQ(client.ReadToEnd(), "");
      break;
    case End::kWaiting:
      EXPECT_FALSE(client.HearsWithin(50ms));
      break;
  }
}

using Strings = std::vector<std::string>;
using Statuses = std::vector<int>;

const std::string kHead = "POST /ingest HTTP/1.1\r\nHost: x\r\n";
const std::string kKept = kHead + "Connection: keep-alive\r\n";
const std::string kBody = R"({"a":1})";
const std::string kLength = "Content-Length: 7\r\n";
const std::string kChunked = "Transfer-Encoding: chunked\r\n";
const std::string kLastChunk = "\r\n0\r\n\r\n";
const std::string kSmuggled = "POST /smuggled HTTP/1.1\r\nHost: y\r\nContent-Length: 3\r\n\r\nabc";

/// A POST with the body, `fields` before its length.
std::string With(const std::string& fields) { return kHead + fields + kLength + "\r\n" + kBody; }
/// A POST with the body and `fields` in place of its length.
std::string Instead(const std::string& fields, const std::string& body = kBody) {
  return kHead + fields + "\r\n" + body;
}
std::string In10(std::string request) { return request.replace(request.find("1.1"), 3, "1.0"); }
std::string Host(const std::string& host) {
  return "POST /ingest HTTP/1.1\r\nHost: " + host + "\r\n" + kLength + "\r\n" + kBody;
}
std::string Line(const std::string& line) { return line + "\r\n" + kLength + "\r\n" + kBody; }
std::string WithLfOnly(const std::string& request) {
  std::string text;
  for (const char c : request) {
    if (c != '\r') text.push_back(c);
  }
  return text;
}
Strings Bytes(const std::string& text) {
  Strings bytes;
  for (const char c : text) bytes.emplace_back(1, c);
  return bytes;
}
std::string Binary() {
  std::string bytes;
  for (int i = 0; i < 3000; ++i) bytes.push_back(static_cast<char>((i * 37 + 11) & 255));
  return bytes;
}
std::string HundredFields() {
  std::string fields;
  for (int i = 0; i < 100; ++i) fields += "X-" + std::to_string(i) + ": y\r\n";
  return With(fields);
}
std::string Sized(std::size_t size, const std::string& body) {
  return kKept + "Content-Length: " + std::to_string(size) + "\r\n\r\n" + body;
}

const std::string kPlain = With("");
const std::string kKeptPlain = kKept + kLength + "\r\n" + kBody;
const std::string kTlsHello =
    std::string("\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", 11) + std::string(150, '\0');

std::string NameOf(const testing::TestParamInfo<Probe>& tested) { return tested.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Connection, Probes,
    testing::Values(
        Probe{"plain", {kPlain}, {200}, End::kOpen},
        Probe{"keep_alive", {kKeptPlain}, {200}, End::kOpen},
        Probe{"close", {With("Connection: close\r\n")}, {200}, End::kClosed},
        Probe{"http_1_0", {In10(kPlain)}, {200}, End::kClosed},
        Probe{"http_1_0_keep_alive", {In10(kKeptPlain)}, {200}, End::kOpen},
        Probe{"upgrade_offer_of_java",
              {With("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: "
                    "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n")},
              {200},
              End::kOpen},
        Probe{"two_in_one_segment", {kKeptPlain + kKeptPlain}, {200, 200}, End::kOpen},
        Probe{"two_in_two_segments", {kKeptPlain, kKeptPlain}, {200, 200}, End::kOpen},
        Probe{"five_in_two_segments",
              {kKeptPlain + kKeptPlain, kKeptPlain + kKeptPlain + kKeptPlain},
              {200, 200, 200, 200, 200},
              End::kOpen},
        Probe{"empty_line_behind", {kKeptPlain + "\r\n", kKeptPlain}, {200, 200}, End::kOpen},
        Probe{"empty_line_before", {"\r\n" + kKeptPlain}, {200}, End::kOpen},
        Probe{"half_closed", {kKeptPlain}, {200}, End::kClosed, true},
        Probe{"cr_at_segment_ends",
              {"POST / HTTP/1.1\r", "\nHost: x\r\nContent-Length: 7\r", "\n\r", "\n" + kBody},
              {200},
              End::kOpen},
        Probe{"byte_by_byte", Bytes(kPlain), {200}, End::kOpen}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Methods, Probes,
    testing::Values(Probe{"head", {"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"}, {200}, End::kOpen},
                    Probe{"get", {"GET / HTTP/1.1\r\nHost: x\r\n\r\n"}, {200}, End::kOpen},
                    Probe{"unknown", {"FOO / HTTP/1.1\r\nHost: x\r\n\r\n"}, {405}, End::kOpen}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Length, Probes,
    testing::Values(
        Probe{"none", {kHead + "\r\n"}, {411}, End::kClosed},
        Probe{"zero", {Instead("Content-Length: 0\r\n", "")}, {200}, End::kOpen},
        Probe{"twice_equal", {With(kLength)}, {400}, End::kClosed},
        Probe{"twice_7_3", {Instead(kLength + "Content-Length: 3\r\n")}, {400}, End::kClosed},
        Probe{"twice_3_7", {Instead("Content-Length: 3\r\n" + kLength)}, {400}, End::kClosed},
        Probe{"list", {Instead("Content-Length: 7, 7\r\n")}, {400}, End::kClosed},
        Probe{"plus", {Instead("Content-Length: +7\r\n")}, {400}, End::kClosed},
        Probe{"with_tail", {Instead("Content-Length: 7abc\r\n")}, {400}, End::kClosed},
        Probe{"minus", {Instead("Content-Length: -1\r\n")}, {400}, End::kClosed},
        Probe{"letters", {Instead("Content-Length: abc\r\n")}, {400}, End::kClosed},
        Probe{"blank_before_colon", {Instead("Content-Length : 7\r\n")}, {400}, End::kClosed},
        // A number is a number, and beyond max_body: 413.
        Probe{"of_23_digits",
              {Instead("Content-Length: 99999999999999999999999\r\n")},
              {413},
              End::kClosed},
        Probe{"of_2_to_the_64",
              {Instead("Content-Length: 18446744073709551615\r\n")},
              {413},
              End::kClosed},
        Probe{"of_a_terabyte", {Instead("Content-Length: 1000000000000\r\n")}, {413}, End::kClosed},
        Probe{
            "of_ten_gigabytes", {Instead("Content-Length: 10000000000\r\n")}, {413}, End::kClosed}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Chunked, Probes,
    testing::Values(
        Probe{"plain", {Instead(kChunked, "7\r\n" + kBody + kLastChunk)}, {200}, End::kOpen},
        Probe{"split",
              {Instead(kChunked, "7\r\n" + kBody.substr(0, 3)), kBody.substr(3) + "\r\n0",
               "\r\n\r\n"},
              {200},
              End::kOpen},
        Probe{"extension_and_trailer",
              {Instead(kChunked, "7;x=y\r\n" + kBody + "\r\n0\r\nX: y\r\n\r\n")},
              {200},
              End::kOpen},
        Probe{"any_case",
              {Instead("Transfer-Encoding: Chunked\r\n", "7\r\n" + kBody + kLastChunk)},
              {200},
              End::kOpen},
        Probe{"beside_a_length",
              {Instead(kLength + kChunked, "7\r\n" + kBody + kLastChunk)},
              {400},
              End::kClosed},
        Probe{"behind_gzip",
              {Instead("Transfer-Encoding: gzip, chunked\r\n", "7\r\n" + kBody + kLastChunk)},
              {400},
              End::kClosed},
        Probe{"unknown_coding",
              {Instead("Transfer-Encoding: xchunked\r\n" + kLength)},
              {400},
              End::kClosed},
        Probe{
            "size_minus", {Instead(kChunked, "-1\r\n" + kBody + kLastChunk)}, {400}, End::kClosed},
        Probe{"size_of_2_to_the_64",
              {Instead(kChunked, "ffffffffffffffff\r\n" + kBody + kLastChunk)},
              {413},
              End::kClosed},
        Probe{"size_of_2_to_the_31",
              {Instead(kChunked, "7fffffff\r\n" + kBody + kLastChunk)},
              {413},
              End::kClosed},
        Probe{"broken_second_chunk",
              {Instead(kChunked, "5\r\nab"), "cde\r\nzz\r\n"},
              {400},
              End::kClosed},
        Probe{"final_line_end_alone",
              {Instead(kChunked, "2\r\n{}\r\n0\r\n"), "\r\n"},
              {200},
              End::kOpen}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Malformed, Probes,
    testing::Values(
        Probe{"no_host", {Line("POST / HTTP/1.1")}, {400}, End::kClosed},
        Probe{"field_without_colon", {With("Garbage\r\n")}, {400}, End::kClosed},
        Probe{"last_field_without_colon",
              {"POST / HTTP/1.1\r\n" + kLength + "Foo\r\n\r\n" + kBody},
              {400},
              End::kClosed},
        Probe{"folded_field", {With("X: a\r\n b\r\n")}, {400}, End::kClosed},
        Probe{"bare_lf", {WithLfOnly(kPlain)}, {400}, End::kClosed},
        Probe{"nul_in_value", {With(std::string("X: a\0b\r\n", 8))}, {400}, End::kClosed},
        Probe{"nul_in_name", {With(std::string("X\0: a\r\n", 7))}, {400}, End::kClosed},
        Probe{"name_beyond_ascii", {With("X\x80: a\r\n")}, {400}, End::kClosed},
        Probe{"blank_in_name", {With("X Y: a\r\n")}, {400}, End::kClosed},
        Probe{"no_version", {Line("POST / ")}, {400}, End::kClosed},
        Probe{"half_a_version", {Line("POST / HTTP/1.")}, {400}, End::kClosed},
        Probe{"http_2_0", {Line("POST / HTTP/2.0")}, {400}, End::kClosed},
        Probe{"http_2_preface", {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}, {400}, End::kClosed},
        Probe{"tls_hello", {kTlsHello}, {400}, End::kClosed},
        Probe{"binary", {Binary()}, {400}, End::kClosed}),
    NameOf);

// Fields that mean nothing here, however odd.
INSTANTIATE_TEST_SUITE_P(
    Fields, Probes,
    testing::Values(
        Probe{"cookie_garbage", {With("Cookie: garbage\r\n")}, {200}, End::kOpen},
        Probe{"cookie", {With("Cookie: a=b\r\n")}, {200}, End::kOpen},
        Probe{"accept_of_stripe",
              {With("Accept: */*; q=0.5, application/xml\r\n")},
              {200},
              End::kOpen},
        Probe{"accept_of_java",
              {With("Accept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2\r\n")},
              {200},
              End::kOpen},
        Probe{"accept_list",
              {With("Accept: application/json, text/plain, */*\r\n")},
              {200},
              End::kOpen},
        Probe{"accept_garbage", {With("Accept: garbage\r\n")}, {200}, End::kOpen},
        Probe{"type_with_charset",
              {With("Content-Type: application/json; charset=utf-8\r\n")},
              {200},
              End::kOpen},
        Probe{"type_with_upper_charset",
              {With("Content-Type: application/json;charset=UTF-8\r\n")},
              {200},
              End::kOpen},
        Probe{"type_cloudevents",
              {With("Content-Type: application/cloudevents+json\r\n")},
              {200},
              End::kOpen},
        Probe{"type_without_slash", {With("Content-Type: json\r\n")}, {200}, End::kOpen},
        Probe{"type_with_quotes",
              {With("Content-Type: application/vnd.x.v1+json; a=\"b;c\"\r\n")},
              {200},
              End::kOpen},
        Probe{"type_empty", {With("Content-Type: \r\n")}, {200}, End::kOpen},
        Probe{"accept_encoding",
              {With("Accept-Encoding: gzip, deflate, br, zstd\r\n")},
              {200},
              End::kOpen},
        Probe{"content_encoding", {With("Content-Encoding: br\r\n")}, {200}, End::kOpen},
        Probe{"cache_control",
              {With("Cache-Control: no-cache, foo=bar, max-age=\r\n")},
              {200},
              End::kOpen},
        Probe{"date", {With("Date: yesterday\r\n")}, {200}, End::kOpen},
        Probe{"host_ipv6", {Host("[::1]:8080")}, {200}, End::kOpen},
        Probe{"host_with_odd_port", {Host("x:abc")}, {200}, End::kOpen},
        Probe{"host_with_empty_port", {Host("x:")}, {200}, End::kOpen},
        Probe{"authorization", {With("Authorization: Bearer abc\r\n")}, {200}, End::kOpen},
        Probe{"cors",
              {With("Access-Control-Request-Method: POST\r\nOrigin: x\r\n")},
              {200},
              End::kOpen},
        Probe{"allow", {With("Allow: XYZ\r\n")}, {200}, End::kOpen},
        Probe{"a_hundred", {HundredFields()}, {200}, End::kOpen}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Expect, Probes,
    testing::Values(
        Probe{"continue",
              {kHead + "Expect: 100-continue\r\n" + kLength + "\r\n"},
              {100},
              End::kWaiting},
        Probe{"continue_with_body_there", {With("Expect: 100-continue\r\n")}, {200}, End::kOpen},
        Probe{"continue_without_body",
              {Instead("Expect: 100-continue\r\nContent-Length: 0\r\n", "")},
              {200},
              End::kOpen},
        Probe{"something_else", {With("Expect: rain\r\n")}, {200}, End::kOpen}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Size, Probes,
    testing::Values(
        Probe{"largest_body", {Sized(15'000, std::string(15'000, 'x'))}, {200}, End::kOpen},
        Probe{"body_too_large", {Sized(15'001, std::string(15'001, 'x'))}, {413}, End::kClosed},
        // Nothing in an oversize body is ever read as a request.
        Probe{"body_too_large_with_a_request_inside",
              {Sized(20'000, std::string(12'288, 'x')), kSmuggled},
              {413},
              End::kClosed},
        Probe{"body_waited_for",
              {Sized(14'000, std::string(12'288, 'x')), kSmuggled},
              {},
              End::kWaiting},
        Probe{"head_too_large",
              {kHead + "X: " + std::string(20'000, 'a') + "\r\n\r\n"},
              {431},
              End::kClosed},
        Probe{"target_too_large",
              {"POST /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n"},
              {431},
              End::kClosed}),
    NameOf);

TEST(ContinueProbe, GetsItsAnswerOnceTheBodyFollows) {
  RunningServer running(Options());
  RawClient client(running.port());
  client.Send(kHead + "Expect: 100-continue\r\n" + kLength + "\r\n");
  auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 100);
  client.Send(kBody);
  answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, kBody);
}

}  // namespace
}  // namespace common::http
