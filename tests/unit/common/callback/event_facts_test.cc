#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

#include "common/callback/callback_facts.h"

namespace common {
namespace {

ProviderRow EventsRow(std::string name, EventFetch fetch) {
  ProviderRow row{.name = std::move(name), .dedup_window = std::chrono::hours(48)};
  EventRules& rules = row.events.emplace();
  rules.extract.id = {"id"};
  rules.extract.type = {"eventName"};
  rules.extract.expires_at = {"expiresAt"};
  rules.extract.dossier = {"eventData", "dossierId"};
  rules.extract.process = {"eventData", "processId"};
  rules.extract.status = {"eventData", "status"};
  rules.fetch = fetch;
  return row;
}

ProviderTable Rows() {
  ProviderRow assure = EventsRow("assure-events", EventFetch::kFull);
  assure.events->same_as = "onfido";
  assure.events->types = {{"process.complete"}};
  ProviderRow by_header = EventsRow("by-header", EventFetch::kNone);
  by_header.events->extract.id.clear();
  by_header.events->extract.id_header = "webhook-id";
  return ProviderTable({{.name = "onfido", .dedup_window = std::chrono::hours(12)},
                        std::move(assure),
                        EventsRow("alone", EventFetch::kFull),
                        EventsRow("billing", EventFetch::kNone),
                        std::move(by_header)});
}

const ProviderTable kRows = Rows();

CallbackFacts Read(const std::string& provider, const std::string& body,
                   const RecordHeaders& more = {}) {
  RecordHeaders headers{{"provider", provider}};
  headers.insert(headers.end(), more.begin(), more.end());
  return ReadCallback(body, headers, kRows);
}

std::string EventOf(const std::string& type, const std::string& more = "") {
  return R"({"id":"EVT-1","eventName":")" + type +
         R"(","eventData":{"dossierId":"d","processId":"p","status":"accepted"},)"
         R"("expiresAt":"2026-11-23T12:00:30Z")" +
         more + "}";
}

const Identity kEvent = IdentityOfEvent("assure-events", EventId("EVT-1"));
const Identity kFact = IdentityOf("onfido", DossierId("d"), ProcessId("p"), "accepted");

TEST(EventFacts, ComeFromPointersOfRow) {
  const CallbackFacts facts = Read("assure-events", EventOf("process.complete"));
  EXPECT_EQ(facts.handling, Handling::kFetch);
  EXPECT_TRUE(facts.is_readable);
  EXPECT_EQ(facts.provider, "assure-events");
  EXPECT_EQ(facts.dossier, DossierId("d"));
  EXPECT_EQ(facts.process, ProcessId("p"));
  EXPECT_EQ(facts.status, "accepted");
  EXPECT_EQ(facts.event_id, EventId("EVT-1"));
  EXPECT_EQ(facts.expires_at, ParseRfc3339("2026-11-23T12:00:30Z"));
}

TEST(EventFacts, ShareTheFactOfTheRowThatReportsTheSame) {
  const CallbackFacts event = Read("assure-events", EventOf("process.complete"));
  const CallbackFacts callback =
      Read("onfido", R"({"dossierId":"d","processId":"p","status":"accepted"})");
  EXPECT_EQ(event.identity, callback.identity);
  EXPECT_EQ(event.event_identity, kEvent);
  EXPECT_EQ(callback.event_identity, std::nullopt);
  EXPECT_EQ(Read("alone", EventOf("process.complete")).identity,
            IdentityOf("alone", DossierId("d"), ProcessId("p"), "accepted"));
}

TEST(EventFacts, HaveNoEventIdentityWithoutId) {
  const CallbackFacts facts = Read("alone", R"({"eventData":{"dossierId":"d","processId":"p"}})");
  EXPECT_EQ(facts.handling, Handling::kFetch);
  EXPECT_EQ(facts.event_identity, std::nullopt);
  EXPECT_EQ(facts.event_id, std::nullopt);
}

TEST(EventFacts, TellHandlingOfEvent) {
  const struct {
    const char* what;
    const char* provider;
    std::string body;
    Handling handling;
    Identity identity;
  } kCases[] = {
      {"a wanted type", "assure-events", EventOf("process.complete"), Handling::kFetch, kFact},
      {"another type", "assure-events", EventOf("webid.zip"), Handling::kIgnore, kEvent},
      {"no type", "assure-events", R"({"id":"EVT-1","eventData":{}})", Handling::kIgnore, kEvent},
      {"a ping", "alone", EventOf("ping"), Handling::kIgnore,
       IdentityOfEvent("alone", EventId("EVT-1"))},
      {"a mock", "assure-events", EventOf("process.complete", R"(,"tags":["a","mock"])"),
       Handling::kIgnore, kEvent},
      {"no process", "alone", R"({"id":"1","eventData":{"dossierId":"d"}})", Handling::kReject,
       IdentityOfUnreadable("alone", R"({"id":"1","eventData":{"dossierId":"d"}})")},
      {"no object", "assure-events", "[]", Handling::kReject,
       IdentityOfUnreadable("assure-events", "[]")},
      {"any type", "billing", R"({"id":"1","eventName":"paid"})", Handling::kPublish,
       IdentityOfEvent("billing", EventId("1"))},
      {"nothing known", "billing", "{}", Handling::kPublish, IdentityOfUnreadable("billing", "{}")},
      {"no object for publishing", "billing", "paid", Handling::kReject,
       IdentityOfUnreadable("billing", "paid")},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    const CallbackFacts facts = Read(c.provider, c.body);
    EXPECT_EQ(facts.handling, c.handling);
    EXPECT_EQ(facts.identity, c.identity);
    EXPECT_EQ(facts.original, c.identity);
  }
}

TEST(EventFacts, KeepEventsApartThatReportTheSameProcess) {
  const std::string data = R"(,"eventData":{"dossierId":"d","processId":"p"}})";
  EXPECT_NE(Read("billing", R"({"id":"1")" + data).identity,
            Read("billing", R"({"id":"2")" + data).identity);
}

TEST(EventFacts, TakeIdFromHeader) {
  const CallbackFacts facts = Read("by-header", R"({"id":"in-body"})", {{"event-id", " msg_1 "}});
  EXPECT_EQ(facts.identity, IdentityOfEvent("by-header", EventId("msg_1")));
  EXPECT_EQ(Read("by-header", R"({"id":"in-body"})").event_id, std::nullopt);
}

TEST(EventFacts, TakeIdFromHeaderThatOnlyTheRowOfIngestNames) {
  EXPECT_EQ(Read("billing", R"({"eventName":"paid"})", {{"event-id", "msg_1"}}).identity,
            IdentityOfEvent("billing", EventId("msg_1")));
  EXPECT_EQ(Read("billing", R"({"id":"in-body"})", {{"event-id", "msg_1"}}).event_id,
            EventId("msg_1"));
  const CallbackFacts fetched =
      Read("assure-events", EventOf("process.complete"), {{"event-id", "msg_1"}});
  EXPECT_EQ(fetched.event_identity, IdentityOfEvent("assure-events", EventId("msg_1")));
}

TEST(EventFacts, HaveOneIdentityOfTheirOwnIfRedriven) {
  const CallbackFacts facts =
      Read("assure-events", EventOf("process.complete"), {{"redrive", "callbacks.dead-1-7"}});
  EXPECT_EQ(facts.identity, IdentityOfRedriven(kFact, "callbacks.dead-1-7"));
  EXPECT_EQ(facts.original, kFact);
  EXPECT_EQ(facts.event_identity, std::nullopt) << "the first delivery has marked it";
}

TEST(EventFacts, HaveTheIdentitiesOfADeliveryIfRedrivenAfterTheyWereMalformed) {
  const RecordHeaders headers{{"redrive", "callbacks.dead-1-7"}, {"redrive-reason", "malformed"}};
  const CallbackFacts facts = Read("assure-events", EventOf("process.complete"), headers);
  EXPECT_TRUE(facts.is_redriven);
  EXPECT_EQ(facts.identity, kFact);
  EXPECT_EQ(facts.event_identity, kEvent);
  const auto redriven = [](const char* provider, const char* body) {
    return IdentityOfRedriven(IdentityOfUnreadable(provider, body), "callbacks.dead-1-7");
  };
  EXPECT_EQ(Read("alone", "[]", headers).identity, redriven("alone", "[]")) << "still malformed";
  EXPECT_EQ(Read("billing", "{}", headers).identity, redriven("billing", "{}"))
      << "its bytes have a marker";
}

}  // namespace
}  // namespace common
