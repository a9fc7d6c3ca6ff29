#include "common/tracing/trace_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/support/seed.h"

namespace common::tracing {
namespace {

constexpr std::string_view kIds = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";

std::string Traceparent(std::string_view version, std::string_view rest) {
  return std::string(version).append("-").append(kIds).append("-").append(rest);
}

// The cases of W3C's own test suite (w3c/trace-context, test/test.py), as far as they are about one
// header: what is done with two of them is ingest's.
struct ParentCase {
  const char* name;
  std::string text;
  bool is_valid;
  bool is_sampled = false;
};

TEST(Traceparent, IsReadAsTheW3cTestSuiteAsks) {
  const std::string ids(kIds);
  const ParentCase kCases[] = {
      {"sampled", Traceparent("00", "01"), true, true},
      {"not sampled", Traceparent("00", "00"), true, false},
      {"other flags beside it", Traceparent("00", "ff"), true, true},
      {"other flags alone", Traceparent("00", "02"), true, false},
      {"future version", Traceparent("cc", "01"), true, true},
      {"future version with more", Traceparent("cc", "01-what-the-future-will-be-like"), true,
       true},
      {"future version with a dot", Traceparent("cc", "01.what-the-future-will-be-like"), false},
      {"version 00 with more", Traceparent("00", "01-what-the-future-will-be-like"), false},
      {"version 0xff", Traceparent("ff", "01"), false},
      {"version with illegal characters", Traceparent(".0", "01"), false},
      {"version too long", Traceparent("000", "01"), false},
      {"version too short", Traceparent("0", "01"), false},
      {"trace id all zero", "00-00000000000000000000000000000000-b7ad6b7169203331-01", false},
      {"trace id with illegal characters",
       "00-.af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false},
      {"trace id too long", "00-0" + ids + "-01", false},
      {"trace id too short", "00-" + ids.substr(1) + "-01", false},
      {"trace id upper case", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false},
      {"parent id all zero", "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false},
      {"parent id with illegal characters",
       "00-0af7651916cd43dd8448eb211c80319c-.7ad6b7169203331-01", false},
      {"parent id too long", "00-" + ids + "0-01", false},
      {"parent id too short", "00-" + ids.substr(0, 48) + "-01", false},
      {"flags with illegal characters", Traceparent("00", ".0"), false},
      {"flags too long", Traceparent("00", "001"), false},
      {"flags too short", Traceparent("00", "1"), false},
      {"blank in front", " " + Traceparent("00", "01"), false},
      {"empty", "", false},
  };
  for (const ParentCase& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto context = ParseTraceparent(c.text);
    ASSERT_EQ(context.has_value(), c.is_valid);
    if (!context) continue;
    EXPECT_EQ(context->trace.ToHex() + "-" + context->span.ToHex(), kIds);
    EXPECT_EQ(context->is_sampled, c.is_sampled);
  }
}

TEST(Traceparent, IsWrittenInVersion00WithTheSampledFlagAlone) {
  EXPECT_EQ(FormatTraceparent(*ParseTraceparent(Traceparent("cc", "ff-more"))),
            Traceparent("00", "01"));
  EXPECT_EQ(FormatTraceparent(*ParseTraceparent(Traceparent("00", "02"))), Traceparent("00", "00"));
}

std::string Members(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += (i > 0 ? ",k" : "k") + std::to_string(i) + "=1";
  return text;
}

std::string Key(std::size_t size) {
  std::string text(size, 'z');
  text.append("=1");
  return text;
}

std::string Values(std::size_t first, std::size_t second) {
  std::string text = "foo=";
  text.append(first, 'a').append(",bar=").append(second, 'b');
  return text;
}

TEST(Tracestate, IsJudgedAsTheW3cTestSuiteAsks) {
  const struct {
    const char* name;
    std::string text;
    bool is_valid;
  } kCases[] = {
      {"one member", "foo=1", true},
      {"two members", "foo=1,bar=2", true},
      {"blanks around members", "foo=1 \t , \t bar=2", true},
      {"empty members", "foo=1,,bar=2,", true},
      {"all empty", ",", false},
      {"empty", "", false},
      {"no value", "foo=", false},
      {"no equals sign", "foo", false},
      {"blank in the key", "foo =1", false},
      {"upper case key", "FOO=1", false},
      {"dot in the key", "foo.bar=1", false},
      {"key of one tenant", "foo@=1,bar=2", true},
      {"multi-tenant key", "t-0_0*/0@vendor=1", true},
      {"key that starts with a digit", "0foo=1", true},
      {"key that starts with a dash", "-foo=1", false},
      {"longest key", Key(256), true},
      {"key too long", Key(257), false},
      {"equals sign in the value", "foo=bar=baz", false},
      {"control in the value", "foo=a\tb", false},
      {"not ASCII", "foo=\xC3\xB6", false},
      {"key twice", "foo=1,foo=1", false},
      {"most members", Members(32), true},
      {"too many members", Members(33), false},
      {"longest", Values(252, 251), true},
      {"too long", Values(252, 252), false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(IsValidTracestate(c.text), c.is_valid);
  }
}

TEST(TraceIds, AreNeitherEmptyNorTwiceTheSame) {
  const std::uint64_t seed = tests::Seed();
  TraceIds ids(seed);
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) {
    const TraceId trace = ids.NewTrace();
    const SpanId span = ids.NewSpan();
    EXPECT_FALSE(trace.is_empty() || span.is_empty());
    EXPECT_TRUE(seen.insert(trace.ToHex()).second);
    EXPECT_TRUE(seen.insert(span.ToHex()).second);
  }
}

}  // namespace
}  // namespace common::tracing
