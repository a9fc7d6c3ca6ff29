#include "common/json/event_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace common::json {
namespace {

const EventExtract& AssureEvents() {
  static const EventExtract kExtract = {.id = {"id"},
                                        .type = {"eventName"},
                                        .expires_at = {"expiresAt"},
                                        .dossier = {"eventData", "dossierId"},
                                        .process = {"eventData", "processId"},
                                        .status = {"eventData", "status"}};
  return kExtract;
}

/// "id / type / expiresAt / dossier / process / status", with " mock" behind a mock event.
std::string Read(std::string_view body, const EventExtract& extract = AssureEvents()) {
  const EventBody read = ReadEventBody(body, extract);
  if (!read.is_object) return "no object";
  return (read.id ? read.id->str() : "-") + " / " + read.type.value_or("-") + " / " +
         (read.expires_at ? FormatRfc3339(*read.expires_at) : "-") + " / " +
         (read.dossier ? read.dossier->str() : "-") + " / " +
         (read.process ? read.process->str() : "-") + " / " + read.status.value_or("-") +
         (read.is_mock ? " mock" : "");
}

// The nine fields of the documented envelope; the values are synthetic.
TEST(EventBody, IsReadFromAnEnvelopeOfAssureEvents) {
  EXPECT_EQ(Read(R"({"id":"0B1FD7A5-6E5E-4C0A-9C0E-6B6A7F0E8A11","timestamp":"2026-11-30T05:00:00Z",
    "sender":"assure","eventName":"process.complete","accountId":"a-1","organizationId":null,
    "eventData":{"dossierId":" a3f1c0d2-0b64-4b8e-8d51-6d0f1f3e9a10","processId":"P-1","status":"accepted"},
    "expiresAt":"2026-11-30T05:00:30Z","tags":[]})"),
            "0b1fd7a5-6e5e-4c0a-9c0e-6b6a7f0e8a11 / process.complete / 2026-11-30T05:00:30.000Z / "
            "a3f1c0d2-0b64-4b8e-8d51-6d0f1f3e9a10 / P-1 / accepted");
}

TEST(EventBody, OmitsValuesThatAreNotTextOrTime) {
  EXPECT_EQ(Read("{}"), "- / - / - / - / - / -");
  EXPECT_EQ(Read(R"({"id":null,"eventName":7,"expiresAt":"soon","eventData":
    {"dossierId":1,"processId":" ","status":["accepted"]}})"),
            "- / - / - / - / - / -");
}

TEST(EventBody, ReadsNumberAsId) {
  EXPECT_EQ(Read(R"({"id":1234567890123456789})"), "1234567890123456789 / - / - / - / - / -");
}

TEST(EventBody, RecognisesMockEvents) {
  EXPECT_EQ(Read(R"({"tags":["a","mock"]})"), "- / - / - / - / - / - mock");
  EXPECT_EQ(Read(R"({"tags":"mock"})"), "- / - / - / - / - / - mock");
  EXPECT_EQ(Read(R"({"tags":["mocked",{"a":"mock"}]})"), "- / - / - / - / - / -");
  EXPECT_EQ(Read(R"({"meta":{"labels":["mock"]}})", {.tags = {"meta", "labels"}}),
            "- / - / - / - / - / - mock");
}

TEST(EventBody, ReadsNothingFromOtherText) {
  for (const std::string_view body : {"", "[]", "null", "{", "{\"id\":\"\xff\"}"}) {
    EXPECT_EQ(Read(body), "no object") << body;
  }
}

TEST(EventId, IsTrimmedAndLowerCasedIfItIsAUuid) {
  EXPECT_EQ(EventIdOf(" Msg_1 ")->str(), "Msg_1");
  EXPECT_EQ(EventIdOf("0B1FD7A5-6E5E-4C0A-9C0E-6B6A7F0E8A11")->str(),
            "0b1fd7a5-6e5e-4c0a-9c0e-6b6a7f0e8a11");
  EXPECT_FALSE(EventIdOf(" \t"));
}

}  // namespace
}  // namespace common::json
