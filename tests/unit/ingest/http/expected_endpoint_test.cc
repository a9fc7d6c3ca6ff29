#include "ingest/http/expected_endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/domain/partition.h"
#include "ingest/http/callback_endpoint.h"
#include "ingest/http/routes.h"
#include "tests/unit/ingest/doubles/recording_request_events.h"
#include "tests/unit/ingest/doubles/recording_responses.h"
#include "tests/unit/ingest/doubles/recording_sink.h"

namespace ingest {
namespace {

using common::http::Answer;
using common::http::Field;
using common::http::HttpFault;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kBody =
    R"({"dossierId":"d","processId":"p","provider":"onfido","within":"30m"})";

class NoResponses final : public ExpectedResponses {
 public:
  void Answer(std::span<const DecidedBatch> /*decided*/) override {}
};

class CountingExpectedEvents final : public ExpectedEvents {
 public:
  void ExpectedStored(std::size_t announcements) override { stored += announcements; }
  void ExpectedNotStored(Situation situation, int status) override {
    not_stored.push_back(std::string(NameOf(situation)) + " " + std::to_string(status));
  }
  void ExpectedTopicIsAccepting() override {}
  void ExpectedTopicIsAway(std::string_view /*why*/) override {}
  void ExpectedPartitionFails(std::string_view, common::Partition, std::string_view) override {}
  void ExpectedPartitionWorks(std::string_view, common::Partition) override {}
  void ExpectedRecordsRefused(std::string_view, std::size_t, std::string_view) override {}
  void ExpectedProducerRestarted(std::string_view, std::string_view) override {}
  void ExpectedProducerNotRebuilt(std::string_view, std::string_view) override {}
  void ExpectedBatchesLimited(std::string_view, std::size_t) override {}

  std::size_t stored = 0;
  std::vector<std::string> not_stored;
};

/// "admitted", or "405 Allow: POST", "413 close" and the body of a JSON answer.
std::string Render(const std::optional<Answer>& answer) {
  if (!answer) return "admitted";
  std::string text = std::to_string(answer->status);
  for (const auto& [name, value] : answer->fields) {
    text.append(" ").append(name).append(": ").append(value);
  }
  if (answer->close) text += " close";
  if (answer->content_type == "application/json") text.append(" ").append(answer->body);
  return text;
}

class ExpectedEndpointTest : public testing::Test {
 protected:
  ExpectedEndpointTest() {
    std::vector<Credentials> of_providers(providers.rows().size());
    of_providers[providers.Resolve("onfido")] = {.accepted = {"onfido-secret"}};
    provider_store.emplace(std::vector<CredentialSource>(of_providers.size()), of_providers);
    callbacks.emplace("/callbacks", providers, *provider_store, callback_acceptance,
                      callback_events, std::size_t{1024});
    routes.emplace(*callbacks, expected);
  }

  common::http::RequestHead Head(std::string_view method, std::string_view path,
                                 std::vector<Field> fields) {
    common::http::RequestHead head;
    head.method = method;
    head.target = path;
    head.path = path;
    head.fields = std::move(fields);
    return head;
  }

  /// Reports the answer, as the server does.
  std::string Request(std::string_view method, std::string_view path, std::vector<Field> fields,
                      std::string_view body = kBody) {
    const auto head = Head(method, path, std::move(fields));
    common::http::Admission admission = routes->Admit(head);
    auto& refusal = admission.refusal;
    const std::uint32_t tag = admission.tag;
    if (!refusal) {
      routes->ReceptionEnded(tag);
      refusal = routes->Handle(head, body, tag, {.request = 1});
    }
    if (!refusal) return "waiting";
    routes->Answered({.tag = tag, .status = refusal->status, .note = refusal->note});
    return Render(refusal);
  }
  std::string Post(std::string_view body, std::string_view secret = "secret-1") {
    return Request("POST", "/expected", {{"Authorization", secret}}, body);
  }

  common::ProviderTable providers;
  RecordingRequestEvents callback_events;
  RecordingSink callback_sink;
  RecordingResponses callback_responses;
  RequestIds ids{1, 1};
  Acceptance callback_acceptance{{}, callback_sink, callback_responses, ids, callback_events};
  std::optional<CredentialStore> provider_store;
  std::optional<CallbackEndpoint> callbacks;

  RecordingSink sink;
  NoResponses responses;
  ExpectedAcceptance acceptance{
      {.bounds = {.max_requests = 3, .max_bytes = 100'000}}, sink, responses, ids};
  CountingExpectedEvents events;
  CredentialStore store{{{.provider = "expected"}}, {{.accepted = {"secret-1", "secret-2"}}}};
  bool is_busy = false;
  ExpectedEndpoint expected{"/expected", providers, store,
                            acceptance,  events,    [this] { return is_busy; }};
  std::optional<Routes> routes;
};

TEST_F(ExpectedEndpointTest, AcceptsAnnouncementWithOneOfItsSecrets) {
  EXPECT_EQ(Post(kBody), "waiting");
  EXPECT_EQ(Post(kBody, "secret-2"), "waiting");
  ASSERT_EQ(sink.envelopes.size(), 2U);
  EXPECT_EQ(sink.envelopes[0].key, "p");
  EXPECT_EQ(sink.envelopes[0].body, kBody);
  EXPECT_THAT(callback_sink.envelopes, IsEmpty());
}

TEST_F(ExpectedEndpointTest, HasASecretOfItsOwn) {
  const std::string refused = "401 WWW-Authenticate: Bearer realm=\"expected\"";
  EXPECT_EQ(Post(kBody, "onfido-secret"), refused);
  EXPECT_EQ(Post("no JSON", ""), refused) << "before the body";
  EXPECT_EQ(Request("POST", "/expected", {}), refused);
  EXPECT_EQ(
      Request("POST", "/expected", {{"Authorization", "secret-1"}, {"Authorization", "secret-1"}}),
      refused);
  EXPECT_EQ(Request("POST", "/callbacks/onfido", {{"Authorization", "secret-1"}}),
            "401 WWW-Authenticate: Bearer realm=\"callbacks\"");
  EXPECT_EQ(Request("POST", "/callbacks/nobody", {{"Authorization", "secret-1"}}),
            "401 WWW-Authenticate: Bearer realm=\"callbacks\"");
  EXPECT_EQ(events.not_stored.size(), 4U);
}

TEST_F(ExpectedEndpointTest, AllowsOnlyPost) {
  for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "post", "FROBNICATE"}) {
    EXPECT_EQ(Request(method, "/expected", {}), "405 Allow: POST") << method;
  }
}

TEST_F(ExpectedEndpointTest, IsOnlyAtItsPath) {
  const auto status = [&](std::string_view path) {
    return Request("POST", path, {{"Authorization", "secret-1"}});
  };
  EXPECT_EQ(status("/expected/"), "waiting");
  EXPECT_EQ(status("//expected"), "waiting");
  for (const char* path : {"/expectedx", "/expected/x", "/expected//", "/Expected", "/", "/x"}) {
    EXPECT_EQ(status(path), "404") << path;
  }
  EXPECT_EQ(Request("POST", "/callbacks/onfido", {{"Authorization", "onfido-secret"}}), "waiting");
  EXPECT_EQ(callback_sink.envelopes.size(), 1U);
}

TEST_F(ExpectedEndpointTest, NamesTheMistakeAndStoresNothing) {
  EXPECT_EQ(Post(std::string(kBody) + "\n{}"),
            "400 {\"line\":2,\"what\":\"dossierId is missing\"}\n");
  std::string many;
  for (int i = 0; i < 1001; ++i) many.append(kBody).append("\n");
  EXPECT_EQ(Post(many), "413 {\"line\":1001,\"what\":\"a body has at most 1000 announcements\"}\n");
  EXPECT_THAT(sink.envelopes, IsEmpty());
  EXPECT_THAT(events.not_stored, ElementsAre("malformed 400", "body_too_large 413"));
}

TEST_F(ExpectedEndpointTest, Answers503WhenKafkaIsAway) {
  sink.answer = Offered::kAway;
  EXPECT_EQ(Post(kBody), "503");
  EXPECT_THAT(events.not_stored, ElementsAre("unavailable 503"));
}

TEST_F(ExpectedEndpointTest, IsShedBeforeAnyCallbackIs) {
  const auto tag = routes->Admit(Head("POST", "/expected", {{"Authorization", "secret-1"}})).tag;
  EXPECT_TRUE(routes->MayHold(0, 500, tag));
  routes->Released(500, tag);
  is_busy = true;
  EXPECT_FALSE(routes->MayHold(0, 1, tag));
  EXPECT_EQ(Post("no JSON"), "503") << "before its body is read";
  EXPECT_THAT(sink.envelopes, IsEmpty());
  EXPECT_EQ(Request("POST", "/callbacks/onfido", {{"Authorization", "onfido-secret"}}), "waiting");
}

TEST_F(ExpectedEndpointTest, TakesNoRoomFromCallbacks) {
  const auto tag = routes->Admit(Head("POST", "/expected", {{"Authorization", "secret-1"}})).tag;
  EXPECT_TRUE(routes->MayHold(0, 100'000, tag));
  EXPECT_FALSE(routes->MayHold(100'000, 1, tag));
  EXPECT_EQ(callback_acceptance.load(), Load{});
  EXPECT_EQ(Post("no JSON"), "503") << "its own room is used up";
  routes->Released(100'000, tag);
  EXPECT_EQ(Post(kBody), "waiting");
  EXPECT_EQ(callback_acceptance.load(), Load{});
}

TEST_F(ExpectedEndpointTest, RefusesHeadsWhileItReceivesAsManyRequestsAsItMay) {
  const std::vector<Field> fields = {{"Authorization", "secret-1"}};
  std::uint32_t tag = 0;
  for (int i = 0; i < 3; ++i) {
    const auto admitted = routes->Admit(Head("POST", "/expected", fields));
    EXPECT_FALSE(admitted.refusal);
    tag = admitted.tag;
  }
  EXPECT_EQ(Render(routes->Admit(Head("POST", "/expected", fields)).refusal), "503");
  EXPECT_EQ(Request("POST", "/callbacks/onfido", {{"Authorization", "onfido-secret"}}), "waiting");
  routes->ReceptionEnded(tag);
  EXPECT_EQ(Post(kBody), "waiting");
  EXPECT_EQ(Post(kBody), "503") << "two are being received, and one waits";
  routes->ReceptionEnded(tag);
  EXPECT_EQ(Post(kBody), "waiting");
}

TEST_F(ExpectedEndpointTest, ReadsOneLargeBodyAtATime) {
  const std::string large = std::string(kBody) + std::string(kLargeExpectedBody, ' ');
  std::string second;
  std::string small;
  sink.on_offer = [&] {
    second = Post(large);
    small = Post(kBody);
  };
  EXPECT_EQ(Post(large), "waiting");
  EXPECT_EQ(second, "503");
  EXPECT_EQ(small, "waiting");
  EXPECT_EQ(Post("no JSON" + std::string(kLargeExpectedBody, ' ')).substr(0, 3), "400");
}

TEST_F(ExpectedEndpointTest, CountsAsStoredOnlyIfThatAnswerIsSent) {
  const auto tag = routes->Admit(Head("POST", "/expected", {{"Authorization", "secret-1"}})).tag;
  const Answer durable =
      AnswerTo({.request = {}, .announcements = 1'000, .situation = Situation::kDurable});
  EXPECT_EQ(durable.body, "{\"accepted\":1000}\n");
  EXPECT_EQ(events.stored, 0U) << "its answer may come too late";
  const Answer late = routes->AnswerFault(HttpFault::kAnswerTooLate, tag);
  routes->Answered(
      {.tag = tag, .fault = HttpFault::kAnswerTooLate, .status = 503, .note = late.note});
  EXPECT_EQ(events.stored, 0U);
  EXPECT_THAT(events.not_stored, ElementsAre("answer_too_late 503"));

  routes->Answered({.tag = tag, .status = 200, .note = durable.note});
  EXPECT_EQ(events.stored, 1'000U);
  const Answer refused =
      AnswerTo({.request = {}, .announcements = 3, .situation = Situation::kUnavailable});
  routes->Answered({.tag = tag, .status = 503, .note = refused.note});
  EXPECT_EQ(events.stored, 1'000U);
  EXPECT_EQ(events.not_stored.size(), 2U);
}

TEST_F(ExpectedEndpointTest, AnswersTheServersFaults) {
  const auto tag = routes->Admit(Head("POST", "/expected", {{"Authorization", "secret-1"}})).tag;
  const struct {
    HttpFault fault;
    std::string_view answer;
  } kCases[] = {
      {HttpFault::kBodyTooLarge, "413 close"},
      {HttpFault::kBodyTooSlow, "408 close"},
      {HttpFault::kOverloaded, "503"},
      {HttpFault::kAnswerTooLate, "503"},
      {HttpFault::kInternal, "503"},
      {HttpFault::kMalformed, "400 close"},
      {HttpFault::kLengthRequired, "411 close"},
  };
  for (const auto& [fault, answer] : kCases) {
    EXPECT_EQ(Render(routes->AnswerFault(fault, tag)), answer);
    EXPECT_EQ(std::to_string(routes->StatusOf(fault, tag)), answer.substr(0, 3));
  }
}

}  // namespace
}  // namespace ingest
