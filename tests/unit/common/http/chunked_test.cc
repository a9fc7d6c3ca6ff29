#include "common/http/chunked.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/common/http/splits.h"

namespace common::http {
namespace {

constexpr std::size_t kMaxBody = 32;
constexpr std::size_t kMaxOverhead = 16;

/// "'body' then 'what follows'", or what is wrong.
std::string Decode(const Pieces& pieces) {
  ChunkedDecoder decoder(kMaxBody, kMaxOverhead);
  std::string body;
  std::string rest;
  auto verdict = ChunkedDecoder::DecodeStatus::kMore;
  for (const std::string_view piece : pieces) {
    // A copy of its own, so that a read beyond it is found.
    const std::string copy(piece);
    std::string_view input = copy;
    if (verdict == ChunkedDecoder::DecodeStatus::kMore) verdict = decoder.Feed(input, &body);
    if (verdict == ChunkedDecoder::DecodeStatus::kEnd) rest.append(input);
  }
  switch (verdict) {
    case ChunkedDecoder::DecodeStatus::kMore:
      return "'" + body + "' and waits";
    case ChunkedDecoder::DecodeStatus::kEnd:
      return "'" + body + "' then '" + rest + "'";
    case ChunkedDecoder::DecodeStatus::kMalformed:
      return "malformed";
    case ChunkedDecoder::DecodeStatus::kTooLarge:
      return "too large";
    case ChunkedDecoder::DecodeStatus::kOverheadTooLarge:
      return "overhead too large";
  }
  return "?";
}

struct Case {
  const char* name;
  std::string bytes;
  const char* expected;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class ChunkedTable : public testing::TestWithParam<Case> {};

TEST_P(ChunkedTable, IsDecodedAsTheTableSaysHoweverSplit) {
  ExpectSameHoweverSplit(GetParam().bytes, GetParam().expected, Decode);
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, ChunkedTable,
    testing::Values(
        Case{"one", "3\r\nabc\r\n0\r\n\r\n", "'abc' then ''"},
        Case{"several", "3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", "'abcd' then ''"},
        Case{"none", "0\r\n\r\n", "'' then ''"},
        Case{"next_request", "1\r\na\r\n0\r\n\r\nPOST /", "'a' then 'POST /'"},
        Case{"hex_in_any_case", "A\r\n0123456789\r\nb\r\n0123456789a\r\n0\r\n\r\n",
             "'01234567890123456789a' then ''"},
        Case{"leading_zeros", "0003\r\nabc\r\n0000\r\n\r\n", "'abc' then ''"},
        Case{"line_ends_as_data", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "'\r\n\r\n' then ''"},
        Case{"extension", "3;x=y\r\nabc\r\n0;z\r\n\r\n", "'abc' then ''"},
        Case{"blank_before_extension", "3 ;x\r\nabc\r\n0\t ;y\r\n\r\n", "'abc' then ''"},
        Case{"quoted_extension", "3;x=\"a;b\"\r\nabc\r\n0\r\n\r\n", "'abc' then ''"},
        Case{"trailer_without_value", "0\r\nX:\r\n\r\n", "'' then ''"},
        Case{"trailer_with_colons", "0\r\nX: a:b\r\n\r\n", "'' then ''"},
        Case{"trailer_that_frames", "0\r\nTE: chunked\r\n\r\nPOST /", "'' then 'POST /'"},
        Case{"trailers", "1\r\na\r\n0\r\nX: y\r\nZ: a\r\n\r\n", "'a' then ''"},
        Case{"exactly_max", "20\r\n01234567890123456789012345678901\r\n0\r\n\r\n",
             "'01234567890123456789012345678901' then ''"},
        Case{"unfinished", "3\r\nabc\r\n0\r\n", "'abc' and waits"}),
    [](const auto& tested) { return std::string(tested.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Refusals, ChunkedTable,
    testing::Values(
        Case{"beyond_max", "21\r\n", "too large"},
        Case{"beyond_max_in_sum", "20\r\n01234567890123456789012345678901\r\n1\r\n", "too large"},
        Case{"largest_number", "ffffffffffffffff\r\n", "too large"},
        Case{"number_that_wraps", "10000000000000001\r\n", "malformed"},
        Case{"too_many_zeros", "00000000000000003\r\nabc\r\n", "malformed"},
        Case{"negative", "-1\r\n", "malformed"}, Case{"hex_prefix", "0x3\r\nabc\r\n", "malformed"},
        Case{"no_number", "\r\nabc\r\n", "malformed"},
        Case{"no_number_but_extension", ";x\r\n", "malformed"},
        Case{"blank_before", " 3\r\nabc\r\n", "malformed"},
        Case{"blank_behind", "3 \r\nabc\r\n", "malformed"},
        Case{"digit_behind_a_blank", "3 4;x\r\nabc\r\n", "malformed"},
        Case{"bare_lf_behind_a_blank", "3 \nabc\r\n", "malformed"},
        Case{"vertical_tab_before_extension", "3\v;x\r\nabc\r\n", "malformed"},
        Case{"trailer_without_colon", "0\r\nGET / HTTP/1.1\r\n\r\n", "malformed"},
        Case{"trailer_without_name", "0\r\n: x\r\n\r\n", "malformed"},
        Case{"blank_before_the_colon_of_a_trailer", "0\r\nX : y\r\n\r\n", "malformed"},
        Case{"folded_trailer", "0\r\nX: y\r\n z: a\r\n\r\n", "malformed"},
        Case{"trailer_name_beyond_ascii", "0\r\nX\x80: y\r\n\r\n", "malformed"},
        Case{"many_blanks_before_extension", "3                 ;\r\n", "overhead too large"},
        Case{"bare_lf_behind_size", "3\nabc\r\n", "malformed"},
        Case{"bare_cr_behind_size", "3\rabc\r\n", "malformed"},
        Case{"longer_data_than_said", "3\r\nabcd\r\n", "malformed"},
        Case{"bare_lf_behind_data", "3\r\nabc\n0\r\n\r\n", "malformed"},
        Case{"control_character_in_extension", "3;x\x01\r\nabc\r\n", "malformed"},
        Case{"bare_lf_in_extension", "3;x\nabc\r\n", "malformed"},
        Case{"bare_lf_in_trailer", "0\r\nX: y\n\r\n", "malformed"},
        Case{"bare_lf_at_the_end", "0\r\n\n", "malformed"},
        Case{"control_character_in_trailer", "0\r\nX: \x02\r\n\r\n", "malformed"},
        Case{"long_extension", "3;12345678901234567\r\nabc\r\n", "overhead too large"},
        Case{"long_trailers", "0\r\nX: 123456\r\nY: 123456\r\n\r\n", "overhead too large"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(ChunkedDecoder, DiscardsWithinTheSameBounds) {
  ChunkedDecoder decoder(kMaxBody, kMaxOverhead);
  std::string_view input = "3\r\nabc\r\n0\r\n\r\nrest";
  EXPECT_EQ(decoder.Feed(input, nullptr), ChunkedDecoder::DecodeStatus::kEnd);
  EXPECT_EQ(input, "rest");
  ChunkedDecoder strict(2, kMaxOverhead);
  input = "3\r\nabc\r\n";
  EXPECT_EQ(strict.Feed(input, nullptr), ChunkedDecoder::DecodeStatus::kTooLarge);
}

}  // namespace
}  // namespace common::http
