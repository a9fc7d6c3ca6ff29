// Rows of events behind the route: their signatures, keys and headers. The vectors of signatures
// are those of tests/unit/common/signature.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/signature/signature.h"
#include "ingest/http/callback_endpoint.h"
#include "tests/unit/ingest/doubles/recording_request_events.h"
#include "tests/unit/ingest/doubles/recording_responses.h"
#include "tests/unit/ingest/doubles/recording_sink.h"

namespace ingest {
namespace {

using common::http::Answer;
using common::http::Field;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t kKiB = 1024;

const common::SignatureRule kHex = {.header = "x-signature", .prefix = "sha256="};
const common::SignatureRule kStandardWebhooks = common::StandardWebhooks();

std::vector<common::ProviderRow> Rows() {
  std::vector<common::ProviderRow> rows = common::ProviderTable().rows();
  const auto add = [&](const char* name, const common::SignatureRule& rule,
                       const common::EventExtract& extract) {
    common::ProviderRow row{.name = name, .on_unavailable = common::OnUnavailable::kSpool};
    row.events = common::EventRules{.signature = rule, .extract = extract};
    rows.push_back(std::move(row));
  };
  add("events", kHex, {.id = {"id"}, .process = {"data", "processId"}});
  add("both", kHex, {.id = {"id"}});
  add("hooks", kStandardWebhooks, {.id_header = "webhook-id", .process = {"processId"}});
  return rows;
}

class EventEndpointTest : public ::testing::Test {
 protected:
  EventEndpointTest() {
    std::vector<Credentials> credentials(providers.rows().size());
    credentials[providers.Resolve("events")] = {.signing_keys = {"new-key", "old-key"}};
    credentials[providers.Resolve("both")] = {.accepted = {"Bearer both"},
                                              .signing_keys = {"both-key"}};
    credentials[providers.Resolve("hooks")] = {.signing_keys = {"hooks-key"}};
    credentials[providers.Resolve("onfido")] = {.accepted = {"onfido-secret"}};
    credentials[providers.Resolve("connect")] = {.open = true};
    store.emplace(std::vector<CredentialSource>(credentials.size()), credentials);
    endpoint.emplace("/callbacks", providers, *store, acceptance, events, 256 * kKiB);
  }

  /// Admits and handles a request: "admitted", or the status and text of the answer.
  std::string Post(std::string_view path, const std::vector<Field>& fields, std::string_view body) {
    common::http::RequestHead head;
    head.method = "POST";
    head.target = path;
    head.path = path;
    head.fields = fields;
    head.received_at = common::WallTime(std::chrono::seconds(1'700'000'000));
    const common::http::Admission admission = endpoint->Admit(head);
    if (admission.refusal) return Render(*admission.refusal);
    const auto answer = endpoint->Handle(head, body, admission.tag, {.request = 1});
    return answer ? Render(*answer) : "waiting";
  }
  std::string PostSigned(std::string_view path, const std::string& key, std::string_view body,
                         std::vector<Field> more = {}) {
    const std::string signature = Sign(kHex, key, "", "", body);
    more.push_back({"X-Signature", signature});
    return Post(path, more, body);
  }

  std::string Render(const Answer& answer) {
    endpoint->Answered({.tag = 8, .status = answer.status, .note = answer.note});
    std::string text = std::to_string(answer.status);
    for (const auto& [name, value] : answer.fields) text.append(" ").append(name);
    return text + " " + answer.body.substr(0, answer.body.find('\n'));
  }

  common::ProviderTable providers{Rows()};
  RecordingRequestEvents events;
  RecordingSink sink;
  RecordingResponses responses;
  RequestIds ids{1, 1};
  Acceptance acceptance{{.bounds = {.max_requests = 10}}, sink, responses, ids, events};
  std::optional<CredentialStore> store;
  std::optional<CallbackEndpoint> endpoint;
};

TEST_F(EventEndpointTest, StoresAnEventWithARightSignature) {
  const std::string body = R"({"id":"e-1","data":{"processId":"P-1"}})";
  EXPECT_EQ(PostSigned("/callbacks/events", "new-key", body), "waiting");
  EXPECT_EQ(PostSigned("/callbacks/Events/", "old-key", body), "waiting") << "a rotation";
  ASSERT_EQ(sink.envelopes.size(), 2U);
  EXPECT_EQ(sink.envelopes[0].provider, "events");
  EXPECT_EQ(sink.envelopes[0].key, "P-1");
  EXPECT_EQ(sink.envelopes[0].body, body);
  EXPECT_EQ(sink.envelopes[0].event_id, std::nullopt) << "the body has it";
}

TEST_F(EventEndpointTest, AnswersAllOtherSignaturesWith401AndStoresNothing) {
  const std::string right = Sign(kHex, "new-key", "", "", "{}");
  const std::string missing = "401 WWW-Authenticate signature missing";
  const std::string wrong = "401 WWW-Authenticate wrong signature";
  EXPECT_EQ(Post("/callbacks/events", {}, "{}"), missing);
  EXPECT_EQ(Post("/callbacks/events", {{"X-Signature", right}, {"x-signature", right}}, "{}"),
            missing)
      << "sent twice";
  EXPECT_EQ(Post("/callbacks/events", {{"X-Signature", right}}, "{ }"), wrong);
  EXPECT_EQ(Post("/callbacks/events", {{"X-Signature", right.substr(7)}}, "{}"), wrong);
  EXPECT_EQ(PostSigned("/callbacks/events", "another-key", "{}"), wrong);
  EXPECT_EQ(PostSigned("/callbacks/events", "both-key", "{}"), wrong) << "another row's";
  EXPECT_THAT(sink.envelopes, IsEmpty());
}

TEST_F(EventEndpointTest, AsksForBothAuthorizationAndSignatureWhereARowDoes) {
  const Field authorization = {"Authorization", "Bearer both"};
  EXPECT_EQ(PostSigned("/callbacks/both", "both-key", "{}"), "401 WWW-Authenticate unauthorized");
  EXPECT_EQ(Post("/callbacks/both", {authorization}, "{}"),
            "401 WWW-Authenticate signature missing");
  EXPECT_EQ(PostSigned("/callbacks/both", "both-key", "{}", {authorization}), "waiting");
  EXPECT_EQ(PostSigned("/callbacks/typo", "both-key", "{}", {authorization}),
            "401 WWW-Authenticate unauthorized")
      << "no way around the signature";
}

TEST_F(EventEndpointTest, ReadsTheKeyOfTheRecordFromTheBody) {
  EXPECT_EQ(PostSigned("/callbacks/events", "new-key", R"({"id":"e-1"})"), "waiting");
  EXPECT_EQ(PostSigned("/callbacks/events", "new-key", "no json"), "waiting")
      << "what is signed is stored";
  EXPECT_EQ(PostSigned("/callbacks/events", "new-key", R"({"processId":"p-1"})"), "waiting");
  ASSERT_EQ(sink.envelopes.size(), 3U);
  EXPECT_EQ(sink.envelopes[0].key, "e-1");
  EXPECT_EQ(sink.envelopes[1].key, common::CallbackKey(std::nullopt, "no json"));
  EXPECT_EQ(sink.envelopes[2].key, common::CallbackKey(std::nullopt, R"({"processId":"p-1"})"))
      << "not where the row says that it is";
}

TEST_F(EventEndpointTest, KeepsAnIdThatIsInAHeader) {
  const auto post = [&](const char* body, const char* timestamp) {
    const std::string signature = Sign(kStandardWebhooks, "hooks-key", "MSG_1", timestamp, body);
    return Post("/callbacks/hooks",
                {{"webhook-id", "MSG_1"},
                 {"webhook-timestamp", timestamp},
                 {"webhook-signature", signature}},
                body);
  };
  EXPECT_EQ(post("{}", "1700000000"), "waiting");
  EXPECT_EQ(post(R"({"processId":"p-1"})", "1700000300"), "waiting");
  ASSERT_EQ(sink.envelopes.size(), 2U);
  EXPECT_EQ(sink.envelopes[0].key, "MSG_1");
  EXPECT_EQ(sink.envelopes[0].event_id, "MSG_1");
  EXPECT_EQ(sink.envelopes[1].key, "p-1");
  EXPECT_EQ(sink.envelopes[1].event_id, "MSG_1");
  EXPECT_EQ(post("{}", "1700000301"), "401 WWW-Authenticate signed at another time");
}

TEST_F(EventEndpointTest, ReportsTheReasonOfARefusal) {
  ASSERT_EQ(providers.Resolve("events"), 8U);
  Post("/callbacks/events", {}, "{}");
  PostSigned("/callbacks/events", "another-key", "{}");
  PostSigned("/callbacks/events", "another-key", "{}");
  EXPECT_THAT(events.answers(), ElementsAre("row 8: unsigned 401", "row 8: wrong_signature 401",
                                            "row 8: wrong_signature 401"));
}

TEST_F(EventEndpointTest, TellsTheServerWhoseSendersAreKnownByTheirHeads) {
  const auto is_known = [&](std::string_view path, const std::vector<Field>& fields) {
    common::http::RequestHead head;
    head.method = "POST";
    head.path = path;
    head.fields = fields;
    const common::http::Admission admission = endpoint->Admit(head);
    EXPECT_FALSE(admission.refusal) << path;
    return admission.is_sender_known;
  };
  EXPECT_TRUE(is_known("/callbacks/onfido", {{"Authorization", "onfido-secret"}}));
  EXPECT_TRUE(is_known("/callbacks/typo", {{"Authorization", "onfido-secret"}}));
  EXPECT_TRUE(is_known("/callbacks/both", {{"Authorization", "Bearer both"}}));
  EXPECT_FALSE(is_known("/callbacks/events", {}));
  EXPECT_FALSE(is_known("/callbacks/connect", {}));
}

TEST_F(EventEndpointTest, AcceptsFromUnknownSendersNoMoreThanTheirShare) {
  const auto accepted = [&](const std::string& path, const std::vector<Field>& fields) {
    int count = 0;
    while (count < 20 && Post(path, fields, "{}") == "waiting") ++count;
    return count;
  };
  const std::string right = Sign(kHex, "new-key", "", "", "{}");
  EXPECT_EQ(accepted("/callbacks/connect", {}), 6);
  EXPECT_EQ(accepted("/callbacks/events", {{"X-Signature", right}}), 4)
      << "a right signature makes its sender known";
}

TEST_F(EventEndpointTest, LimitsBodiesOfOpenRowsLikeThoseOfUnverifiedSenders) {
  const auto connect = providers.Resolve("connect");
  EXPECT_TRUE(endpoint->MayHold(0, 200 * kKiB, connect));
  EXPECT_FALSE(endpoint->MayHold(0, 100 * kKiB, providers.Resolve("events")));
  EXPECT_EQ(acceptance.load().bytes, 0U) << "they take nothing from others";
  endpoint->Released(200 * kKiB, connect);
  EXPECT_TRUE(endpoint->MayHold(0, 100 * kKiB, connect));
  endpoint->Released(100 * kKiB, connect);
}

TEST_F(EventEndpointTest, LimitsBodiesOfUnknownSendersSeparately) {
  const auto events_row = providers.Resolve("events");
  EXPECT_TRUE(endpoint->MayHold(0, 200 * kKiB, events_row));
  EXPECT_FALSE(endpoint->MayHold(0, 100 * kKiB, events_row));
  EXPECT_EQ(acceptance.load().bytes, 0U) << "they take nothing from others";
  EXPECT_TRUE(endpoint->MayHold(0, 100 * kKiB, providers.Resolve("onfido")));
  EXPECT_TRUE(endpoint->MayHold(0, 100 * kKiB, providers.Resolve("both")))
      << "the head has told whose it is";
  EXPECT_EQ(acceptance.load().bytes, 200 * kKiB);
  endpoint->Released(200 * kKiB, events_row);
  EXPECT_TRUE(endpoint->MayHold(0, 100 * kKiB, events_row));
  endpoint->Released(100 * kKiB, providers.Resolve("onfido"));
  endpoint->Released(100 * kKiB, providers.Resolve("both"));
  EXPECT_EQ(acceptance.load().bytes, 0U);
}

}  // namespace
}  // namespace ingest
