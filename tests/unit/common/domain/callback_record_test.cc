#include "common/domain/callback_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace common {
namespace {

using testing::ElementsAre;

Envelope SmallestEnvelope() {
  Envelope envelope;
  envelope.key = "p";
  envelope.body = "{}";
  envelope.provider = "onfido";
  envelope.received_at = *ParseRfc3339("2026-11-23T07:44:12.345Z");
  envelope.request_id = "r-1";
  return envelope;
}

TEST(CallbackRecord, OmitsHeadersOfAbsentFields) {
  EXPECT_THAT(HeadersOf(SmallestEnvelope()),
              ElementsAre(RecordHeader{"provider", "onfido"},
                          RecordHeader{"received-at", "2026-11-23T07:44:12.345Z"},
                          RecordHeader{"request-id", "r-1"}, RecordHeader{"schema", "1"}));
}

TEST(CallbackRecord, WritesAllHeadersInAFixedOrder) {
  Envelope envelope = SmallestEnvelope();
  envelope.content_type = "text/plain; charset=latin1";
  envelope.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  envelope.tracestate = "vendor=1";
  envelope.spooled = true;
  EXPECT_THAT(HeadersOf(envelope),
              ElementsAre(RecordHeader{"provider", "onfido"},
                          RecordHeader{"received-at", "2026-11-23T07:44:12.345Z"},
                          RecordHeader{"request-id", "r-1"},
                          RecordHeader{"content-type", "text/plain; charset=latin1"},
                          RecordHeader{"traceparent",
                                       "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
                          RecordHeader{"tracestate", "vendor=1"}, RecordHeader{"spooled", "1"},
                          RecordHeader{"schema", "1"}));
}

TEST(CallbackRecord, UsesTheProcessIdAsKey) {
  EXPECT_EQ(CallbackKey(ProcessId("p-1"), "body"), "p-1");
  EXPECT_EQ(CallbackKey(ProcessId(std::string(256, 'x')), "body"), std::string(256, 'x'));
}

TEST(CallbackRecord, UsesTheBodyHashAsKeyWithoutAUsableProcessId) {
  constexpr std::string_view kHash =  // From sha256sum.
      "7ccfa1fbf3940e6f0c0375d87c0f9235a50514e14cb427bdfaf5077987b26ccf";
  EXPECT_EQ(CallbackKey(std::nullopt, "not json"), kHash);
  EXPECT_EQ(CallbackKey(ProcessId(""), "not json"), kHash);
  EXPECT_EQ(CallbackKey(ProcessId(std::string(257, 'x')), "not json"), kHash);
}

TEST(CallbackRecord, AcceptsOnlyValidTraceparents) {
  const struct {
    std::string_view text;
    bool is_valid;
  } kCases[] = {
      {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true},
      {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", true},
      {"cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true},
      {"cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future", true},
      {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", false},
      {"cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.more", false},
      {"cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-m\xC3\xB6re", false},
      {"cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-and more", false},
      {"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false},
      {"00-00000000000000000000000000000000-b7ad6b7169203331-01", false},
      {"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false},
      {"00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false},
      {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", false},
      {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0", false},
      {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g", false},
      {"00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false},
      {"", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(IsValidTraceparent(c.text), c.is_valid);
  }
}

TEST(EventRecord, UsesTheProcessIdThenTheEventsIdThenTheBodyHashAsKey) {
  constexpr std::string_view kHash =  // From sha256sum.
      "7ccfa1fbf3940e6f0c0375d87c0f9235a50514e14cb427bdfaf5077987b26ccf";
  const std::string too_long(257, 'x');
  EXPECT_EQ(EventKey(ProcessId("p-1"), EventId("e-1"), "not json"), "p-1");
  EXPECT_EQ(EventKey(std::nullopt, EventId("e-1"), "not json"), "e-1");
  EXPECT_EQ(EventKey(ProcessId(too_long), EventId("e-1"), "not json"), "e-1");
  EXPECT_EQ(EventKey(std::nullopt, EventId(too_long), "not json"), kHash);
  EXPECT_EQ(EventKey(std::nullopt, std::nullopt, "not json"), kHash);
}

TEST(EventRecord, HasTheIdOfARequestsHeader) {
  Envelope envelope = SmallestEnvelope();
  envelope.event_id = "msg_1";
  EXPECT_EQ(LastHeader(HeadersOf(envelope), "event-id"), "msg_1");
}

TEST(CallbackRecord, NamesRowOfItsSecret) {
  Envelope envelope = SmallestEnvelope();
  EXPECT_EQ(LastHeader(HeadersOf(envelope), "authenticated-as"), std::nullopt);
  envelope.authenticated_as = "readid";
  EXPECT_EQ(LastHeader(HeadersOf(envelope), "authenticated-as"), "readid");
}

}  // namespace
}  // namespace common
