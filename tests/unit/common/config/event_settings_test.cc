#include "common/config/event_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/config/provider_settings.h"
#include "tests/unit/common/config/fixture.h"

namespace common::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

struct Reading {
  ProviderTable table;
  std::vector<std::string> mistakes;
  std::vector<std::string> doubts;

  [[nodiscard]] const ProviderRow& Row(std::string_view name) const {
    return table[table.Resolve(name)];
  }
};

Reading ReadRows(const std::string& rows) {
  Document document = Document::Parse("providers:\n" + rows, EnvironmentOf({}));
  Reading reading;
  reading.table = ReadProviders(document.root());
  reading.mistakes = Rendered(document.Finish());
  reading.doubts = Rendered(document.Doubts());
  return reading;
}

// The row that the interface documents.
constexpr const char* kAssureEvents = R"(
  assure-events:
    kind: events
    signature:
      header: X-Signicat-Signature
      algorithm: hmac-sha256
      encoding: hex
      prefix: ""
      signed: body
      secrets_file: /run/secrets/events
    extract: { id: /id, type: /eventName, expiresAt: /expiresAt, dossierId: /eventData/dossierId, processId: /eventData/processId, status: /eventData/status }
    types: [process.complete]
    same_as: onfido
    fetch: full
)";

TEST(EventSettings, ReadTheDocumentedRow) {
  const Reading reading = ReadRows(kAssureEvents);
  EXPECT_THAT(reading.mistakes, IsEmpty());
  EXPECT_THAT(reading.doubts, IsEmpty());
  const ProviderRow& row = reading.Row("assure-events");
  ASSERT_TRUE(row.events);
  ASSERT_TRUE(row.events->signature);
  EXPECT_EQ(row.events->signature->header, "x-signicat-signature");
  const EventExtract& extract = row.events->extract;
  EXPECT_THAT(extract.id, ElementsAre("id"));
  EXPECT_EQ(extract.id_header, "");
  EXPECT_THAT(extract.type, ElementsAre("eventName"));
  EXPECT_THAT(extract.expires_at, ElementsAre("expiresAt"));
  EXPECT_THAT(extract.dossier, ElementsAre("eventData", "dossierId"));
  EXPECT_THAT(extract.process, ElementsAre("eventData", "processId"));
  EXPECT_THAT(extract.status, ElementsAre("eventData", "status"));
  EXPECT_THAT(extract.tags, ElementsAre("tags"));
  EXPECT_THAT(row.events->types, Optional(ElementsAre("process.complete")));
  EXPECT_THAT(row.events->ping, ElementsAre("ping"));
  EXPECT_EQ(row.events->same_as, "onfido");
  EXPECT_EQ(row.events->fetch, EventFetch::kFull);
}

TEST(EventSettings, MakeARowOneShotUntilItsScheduleIsKnown) {
  const Reading reading = ReadRows(
      "  a: { kind: events, fetch: none, auth: none }\n"
      "  b: { kind: events, fetch: none, auth: none, retry_schedule: [10s], on_unavailable: refuse "
      "}\n"
      "  onfido: { kind: events, fetch: none, signature: { preset: onfido } }\n");
  EXPECT_THAT(reading.mistakes, IsEmpty());
  EXPECT_EQ(reading.Row("a").on_unavailable, OnUnavailable::kSpool);
  EXPECT_THAT(reading.Row("a").retry_schedule, IsEmpty());
  EXPECT_EQ(reading.Row("a").dedup_window, std::chrono::hours(48));
  EXPECT_EQ(reading.Row("b").on_unavailable, OnUnavailable::kRefuse);
  EXPECT_THAT(reading.Row("b").retry_schedule, ElementsAre(std::chrono::seconds(10)));
  EXPECT_EQ(reading.Row("onfido").on_unavailable, OnUnavailable::kSpool);
  EXPECT_THAT(reading.Row("onfido").retry_schedule, IsEmpty())
      << "the built-in schedule is that of Assure's callbacks";
}

TEST(EventSettings, LeaveRowsOfCallbacksAlone) {
  const Reading reading = ReadRows("  onfido: { kind: callbacks }\n  eid: {}\n");
  EXPECT_THAT(reading.mistakes, IsEmpty());
  EXPECT_FALSE(reading.Row("onfido").events);
  EXPECT_FALSE(reading.Row("eid").events);
}

TEST(EventSettings, TakeTheIdFromAHeader) {
  const Reading reading = ReadRows(
      "  a: { kind: events, fetch: none, extract: { id: 'header:X-Event-Id' } }\n"
      "  b: { kind: events, fetch: none, signature: { preset: standard-webhooks } }\n"
      "  c: { kind: events, fetch: none, signature: { preset: standard-webhooks }, extract: { id: "
      "/id } }\n");
  EXPECT_THAT(reading.mistakes, IsEmpty());
  EXPECT_EQ(reading.Row("a").events->extract.id_header, "x-event-id");
  EXPECT_EQ(reading.Row("b").events->extract.id_header, "webhook-id") << "the standard's own";
  EXPECT_EQ(reading.Row("c").events->extract.id_header, "");
  EXPECT_THAT(reading.Row("c").events->extract.id, ElementsAre("id"));
}

TEST(EventSettings, AcceptTheSecretsOfIngestUnread) {
  const Reading reading = ReadRows(
      "  a: { kind: events, fetch: none, authorization: [\"${NOBODY_SETS_THIS}\"], "
      "authorization_file: /not/there, auth: none, signature: { preset: onfido, secrets: "
      "[\"${NOBODY_SETS_THIS}\"], secrets_file: /not/there } }\n");
  EXPECT_THAT(reading.mistakes, IsEmpty());
}

TEST(EventSettings, ExplainEachMistakeAndItsCorrection) {
  const struct {
    std::string_view what;
    std::string row;
    std::string_view mistake;
  } kCases[] = {
      {"an unknown kind", "x: { kind: webhooks }",
       "f.yaml:2:14: providers.x.kind: expected callbacks or events, not 'webhooks'"},
      {"keys of events in a row of callbacks", "x: { fetch: none }",
       "f.yaml:2:15: providers.x.fetch: only a row of events has it: set kind: events"},
      {"a signature in a row of callbacks", "x: { signature: { preset: none } }",
       "f.yaml:2:19: providers.x.signature: only a row of events has it: set kind: events"},
      {"events from anybody", "unknown: { kind: events, fetch: none }",
       "f.yaml:2:20: providers.unknown.kind: unknown takes callbacks only: give the events a row "
       "of their own"},
      {"a fetch without ids", "x: { kind: events, extract: { id: /id, processId: /p } }",
       "f.yaml:2:31: providers.x.extract: must have dossierId and processId, which a fetch needs; "
       "or set fetch: none, which publishes the event itself"},
      {"an unknown fetch",
       "x: { kind: events, extract: { dossierId: /d, processId: /p }, fetch: "
       "some }",
       "f.yaml:2:72: providers.x.fetch: expected full or none, not 'some'"},
      {"no pointer", "x: { kind: events, fetch: none, extract: { id: id } }",
       "f.yaml:2:50: providers.x.extract.id: expected a JSON pointer (RFC 6901) such as "
       "/eventData/processId: it starts with /, and ~ stands only before 0 or 1"},
      {"a pointer with a wrong escape", "x: { kind: events, fetch: none, extract: { type: /a~2 } }",
       "f.yaml:2:52: providers.x.extract.type: expected a JSON pointer (RFC 6901) such as "
       "/eventData/processId: it starts with /, and ~ stands only before 0 or 1"},
      {"a pointer to everything", "x: { kind: events, fetch: none, extract: { tags: '' } }",
       "f.yaml:2:52: providers.x.extract.tags: must not be empty"},
      {"no header", "x: { kind: events, fetch: none, extract: { id: 'header:' } }",
       "f.yaml:2:50: providers.x.extract.id: header: must be followed by the name of a header"},
      {"an unknown value", "x: { kind: events, fetch: none, extract: { name: /n } }",
       "f.yaml:2:46: providers.x.extract.name: unknown key; known here: dossierId, expiresAt, id, "
       "processId, status, tags, type"},
      {"types that nobody reads", "x: { kind: events, fetch: none, types: [a] }",
       "f.yaml:2:42: providers.x.types: needs extract.type: where an event has its type"},
      {"pings that nobody reads", "x: { kind: events, fetch: none, ping: [a] }",
       "f.yaml:2:41: providers.x.ping: needs extract.type: where an event has its type"},
      {"no types", "x: { kind: events, fetch: none, extract: { type: /t }, types: [] }",
       "f.yaml:2:65: providers.x.types: must contain at least one type; leave it out to take all"},
      {"a type that is a ping",
       "x: { kind: events, fetch: none, extract: { type: /t }, types: "
       "[a, ping] }",
       "f.yaml:2:65: providers.x.types: has a type that is in ping, too"},
      {"the facts of another row without facts", "x: { kind: events, fetch: none, same_as: eid }",
       "f.yaml:2:44: providers.x.same_as: needs fetch: full: an event that is not fetched is its "
       "own fact"},
      {"the facts of another row without a status",
       "x: { kind: events, extract: { dossierId: /d, processId: /p }, same_as: eid }",
       "f.yaml:2:74: providers.x.same_as: needs extract.status: the facts of that row have a "
       "status, so those of this one would never be the same"},
      {"an empty signature", "x: { kind: events, fetch: none, signature: }",
       "f.yaml:2:35: providers.x.signature: must have header or preset"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_THAT(ReadRows("  " + c.row + "\n").mistakes, ElementsAre(std::string(c.mistake)));
  }
}

TEST(EventSettings, RefuseASameAsThatLeadsNowhereOrOn) {
  const std::string events =
      "kind: events, extract: { dossierId: /d, processId: /p, status: /s }, same_as: ";
  const struct {
    std::string_view what;
    std::string same_as;
    std::string_view mistake;
  } kCases[] = {
      {"itself", "x", "must name another row"},
      {"unknown", "unknown", "cannot be unknown: that row has no name of its own"},
      {"nobody", "trapets", "no row has the name 'trapets'"},
      {"a slip", "onfidio", "no row has the name 'onfidio': did you mean 'onfido'?"},
      {"a chain", "y", "the row 'y' has a same_as itself: name the row at its end, 'eid'"},
      {"events that are not fetched", "z",
       "the row 'z' has fetch: none: each of its events is its own fact"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_THAT(ReadRows("  x: { " + events + c.same_as + " }\n  y: { " + events +
                         "eid }\n  z: { kind: events, fetch: none }\n")
                    .mistakes,
                ElementsAre("f.yaml:2:86: providers.x.same_as: " + std::string(c.mistake)));
  }
}

TEST(EventSettings, AcceptASameAsThatStandsFurtherDown) {
  const Reading reading = ReadRows(
      "  x: { kind: events, extract: { dossierId: /d, processId: /p, status: /s }, same_as: y }\n"
      "  y: {}\n");
  EXPECT_THAT(reading.mistakes, IsEmpty());
  EXPECT_EQ(reading.Row("x").events->same_as, "y");
}

TEST(EventSettings, DoubtAFetchOfSeveralTypesWithoutAStatus) {
  const auto doubts_of = [](const std::string& more) {
    return ReadRows("  x: { kind: events, extract: { dossierId: /d, processId: /p" + more + " }\n")
        .doubts;
  };
  const std::string doubt =
      "f.yaml:2:31: providers.x.extract: has no status: of all events of a process only the first "
      "is fetched, whatever its type; set extract.status, or one type in types";
  EXPECT_THAT(doubts_of(" }"), ElementsAre(doubt));
  EXPECT_THAT(doubts_of(", type: /t }, types: [a, b]"), ElementsAre(doubt));
  EXPECT_THAT(doubts_of(", type: /t }, types: [a]"), IsEmpty());
  EXPECT_THAT(doubts_of(", status: /s }"), IsEmpty());
}

TEST(EventSettings, DoubtUnsignedId) {
  const auto doubts_of = [](const std::string& signature, const std::string& more) {
    return ReadRows("  x:\n    kind: events\n    signature: { " + signature +
                    ", secrets_file: /s }\n    " + more + "\n")
        .doubts;
  };
  const std::string body = "header: X-Signature";
  EXPECT_THAT(doubts_of(body, "fetch: none\n    extract: { id: \"header:X-Id\" }"),
              ElementsAre("f.yaml:6:14: providers.x.extract: id is in a header that the signature "
                          "does not cover: whoever repeats an event under another id has it "
                          "published again"));
  EXPECT_THAT(doubts_of(body, "fetch: none\n    extract: { id: /id }"), IsEmpty());
  EXPECT_THAT(doubts_of("preset: standard-webhooks", "fetch: none"), IsEmpty());
  EXPECT_THAT(doubts_of(body,
                        "extract: { id: \"header:X-Id\", dossierId: /d, processId: /p, "
                        "status: /s }"),
              IsEmpty())
      << "the fact tells a repeat";
}

}  // namespace
}  // namespace common::config
