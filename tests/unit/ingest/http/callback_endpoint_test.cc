#include "ingest/http/callback_endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ingest/http/request_traces.h"
#include "tests/unit/ingest/doubles/recording_request_events.h"
#include "tests/unit/ingest/doubles/recording_responses.h"
#include "tests/unit/ingest/doubles/recording_sink.h"

namespace ingest {
namespace {

using common::http::Answer;
using common::http::Field;
using common::http::HttpFault;
using ::testing::ElementsAre;

/// "admitted", or an answer such as "405 Allow: POST" or "413 close".
std::string Render(const std::optional<Answer>& answer) {
  if (!answer) return "admitted";
  std::string text = std::to_string(answer->status);
  for (const auto& [name, value] : answer->fields) {
    text.append(" ").append(name).append(": ").append(value);
  }
  return text + (answer->close ? " close" : "");
}

const std::string kUnauthorized = "401 WWW-Authenticate: Bearer realm=\"callbacks\"";

class CallbackEndpointTest : public ::testing::Test {
 protected:
  CallbackEndpointTest() {
    std::vector<Credentials> credentials(providers.rows().size());
    credentials[providers.Resolve("onfido")] = {.accepted = {"onfido-secret"}};
    credentials[providers.Resolve("eid")] = {.accepted = {"eid-secret"}};
    credentials[providers.Resolve("readid")] = {.accepted = {"readid-secret"}};
    credentials[providers.Resolve("connect")] = {.open = true};
    store.emplace(std::vector<CredentialSource>(credentials.size()), credentials);
    endpoint.emplace("/callbacks", providers, *store, acceptance, events, std::size_t{1024});
  }

  static common::http::RequestHead Head(std::string_view method, std::string_view path,
                                        std::vector<Field> fields) {
    common::http::RequestHead head;
    head.method = method;
    head.target = path;
    head.path = path;
    head.fields = std::move(fields);
    return head;
  }

  std::string Admit(std::string_view method, std::string_view path, std::vector<Field> fields) {
    return Render(endpoint->Admit(Head(method, path, std::move(fields))).refusal);
  }

  std::string AdmitWith(std::string_view path, std::string_view secret) {
    return Admit("POST", path, {{"Authorization", secret}});
  }

  /// Admits and handles a request. Returns the immediate answer, if there is one.
  std::string Post(std::string_view path, std::vector<Field> fields, std::string_view body = "{}") {
    const common::http::RequestHead head = Head("POST", path, std::move(fields));
    const common::http::Admission admission = endpoint->Admit(head);
    if (admission.refusal) return Render(admission.refusal);
    const auto answer = endpoint->Handle(head, body, admission.tag, {.request = 1});
    return answer ? Render(answer) : "waiting";
  }

  common::ProviderTable providers;
  RecordingRequestEvents events;
  RecordingSink sink;
  RecordingResponses responses;
  RequestIds ids{1, 1};
  Acceptance acceptance{{}, sink, responses, ids, events};
  std::optional<CredentialStore> store;
  std::optional<CallbackEndpoint> endpoint;
};

TEST_F(CallbackEndpointTest, AdmitsAnAuthenticatedPost) {
  EXPECT_EQ(AdmitWith("/callbacks/onfido", "onfido-secret"), "admitted");
  EXPECT_EQ(AdmitWith("/callbacks/OnFido/", "onfido-secret"), "admitted");
  EXPECT_EQ(AdmitWith("/callbacks/signicatvideoid", "eid-secret"), "admitted");
  EXPECT_EQ(Admit("POST", "/callbacks/connect", {}), "admitted");
}

TEST_F(CallbackEndpointTest, ChecksThePrefixThenTheMethodThenTheAuthorization) {
  EXPECT_EQ(Admit("GET", "/elsewhere", {}), "404");
  EXPECT_EQ(Admit("GET", "/callbacks/onfido", {}), "405 Allow: POST");
  EXPECT_EQ(Admit("POST", "/callbacks/onfido", {}), kUnauthorized);
}

TEST_F(CallbackEndpointTest, RefusesOtherMethodsWithAStatusTheProviderTolerates) {
  for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "post", "FROBNICATE"}) {
    EXPECT_EQ(Admit(method, "/callbacks/eid", {}), "405 Allow: POST") << method;
    EXPECT_EQ(Admit(method, "/callbacks/readid", {}), "403") << method;
    EXPECT_EQ(Admit(method, "/callbacks/nobody", {}), "403") << method;
    EXPECT_EQ(Admit(method, "/callbacks", {}), "403") << method;
  }
}

TEST_F(CallbackEndpointTest, RefusesWrongMissingOrRepeatedAuthorization) {
  EXPECT_EQ(AdmitWith("/callbacks/onfido", "eid-secret"), kUnauthorized);
  EXPECT_EQ(AdmitWith("/callbacks/onfido", ""), kUnauthorized);
  EXPECT_EQ(AdmitWith("/callbacks/readid", "nonsense"), kUnauthorized);
  EXPECT_EQ(Admit("POST", "/callbacks/onfido",
                  {{"Authorization", "onfido-secret"}, {"authorization", "onfido-secret"}}),
            kUnauthorized);
  EXPECT_EQ(AdmitWith("/callbacks/webid", "onfido-secret"), kUnauthorized)
      << "no credentials configured";
}

TEST_F(CallbackEndpointTest, AdmitsAnyProvidersSecretUnderAnUnknownName) {
  for (const char* path : {"/callbacks/onfidoo", "/callbacks", "/callbacks/", "/callbacks/a/b"}) {
    EXPECT_EQ(AdmitWith(path, "onfido-secret"), "admitted") << path;
    EXPECT_EQ(AdmitWith(path, "nonsense"), kUnauthorized) << path;
  }
}

TEST_F(CallbackEndpointTest, StoresACallbackUnderItsRowsName) {
  EXPECT_EQ(Post("/callbacks/SignicatVideoID/", {{"Authorization", "eid-secret"}}), "waiting");
  EXPECT_EQ(sink.envelopes.at(0).provider, "eid");
}

TEST_F(CallbackEndpointTest, StoresAnUnknownProvidersCallbackUnderItsPath) {
  const std::string long_name(200, 'x');
  for (const auto& [path, name] : std::vector<std::pair<std::string, std::string>>{
           {"/callbacks/OnfidoO", "OnfidoO"},
           {"/callbacks/onfido/more", "onfido/more"},
           {"/callbacks", ""},
           {"/callbacks/", ""},
           {"/callbacks/" + long_name, long_name.substr(0, 128)}}) {
    sink.envelopes.clear();
    EXPECT_EQ(Post(path, {{"Authorization", "onfido-secret"}}), "waiting");
    EXPECT_EQ(sink.envelopes.at(0).provider, name) << path;
  }
}

TEST_F(CallbackEndpointTest, StoresNamesAndContentTypesAsUtf8) {
  const std::string latin = "caf\xE9";
  Post("/callbacks/" + latin, {{"Authorization", "onfido-secret"}, {"Content-Type", latin}});
  EXPECT_EQ(sink.envelopes.at(0).provider, "caf%E9");
  EXPECT_EQ(sink.envelopes.at(0).content_type, "caf%E9");
}

TEST_F(CallbackEndpointTest, LimitsTheLengthOfAnEscapedContentType) {
  const auto stored = [&](const std::string& content_type) {
    Post("/callbacks/onfido", {{"Authorization", "onfido-secret"}, {"Content-Type", content_type}});
    return sink.envelopes.back().content_type.value_or("none");
  };
  EXPECT_EQ(stored("text/plain; name=" + std::string(60, '\xE9')).size(), 17U + 3 * 60)
      << "a short one is kept whole";
  EXPECT_EQ(stored(std::string(300, '\xE9')).size(), 300U);
  EXPECT_EQ(stored(std::string(3000, 'x')), std::string(3000, 'x'));
}

TEST_F(CallbackEndpointTest, KnowsEachFaultsStatusWithoutAllocating) {
  for (std::uint32_t row = 0; row < providers.rows().size(); ++row) {
    for (const HttpFault fault :
         {HttpFault::kMalformed, HttpFault::kOverloaded, HttpFault::kInternal}) {
      EXPECT_EQ(endpoint->StatusOf(fault, row), endpoint->AnswerFault(fault, row).status);
    }
  }
  EXPECT_EQ(endpoint->StatusOf(HttpFault::kInternal, std::nullopt), 429);
}

TEST_F(CallbackEndpointTest, ReportsEachForeignProtocol) {
  for (const auto protocol : common::http::kAllForeignProtocols) endpoint->Met(protocol);
  EXPECT_THAT(events.wrong_protocols(), ElementsAre(WrongProtocol::kTls, WrongProtocol::kHttp2,
                                                    WrongProtocol::kProxyProtocol));
}

TEST_F(CallbackEndpointTest, PassesContentTypeAndTraceparentToTheRecord) {
  const std::string traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  Post("/callbacks/onfido", {{"Authorization", "onfido-secret"},
                             {"Content-Type", "text/x-anything"},
                             {"TraceParent", traceparent}});
  EXPECT_EQ(sink.envelopes.at(0).content_type, "text/x-anything");
  EXPECT_EQ(sink.envelopes.at(0).traceparent, traceparent);
  Post("/callbacks/onfido", {{"Authorization", "onfido-secret"},
                             {"traceparent", traceparent},
                             {"traceparent", traceparent}});
  EXPECT_EQ(sink.envelopes.at(1).traceparent, std::nullopt) << "sent twice, it is ambiguous";
  EXPECT_EQ(sink.envelopes.at(1).content_type, std::nullopt);
}

TEST_F(CallbackEndpointTest, PassesTracestateBesideAValidTraceparent) {
  const std::string traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const auto post = [&](std::vector<Field> fields) {
    fields.push_back({"Authorization", "onfido-secret"});
    Post("/callbacks/onfido", std::move(fields));
    return sink.envelopes.back().tracestate;
  };
  EXPECT_EQ(post({{"traceparent", traceparent}, {"tracestate", "a=1"}}), "a=1");
  EXPECT_EQ(post({{"traceparent", traceparent}, {"tracestate", "a=1"}, {"TraceState", "b=2"}}),
            "a=1,b=2");
  EXPECT_EQ(post({{"traceparent", traceparent}, {"tracestate", "A=1"}}), std::nullopt);
  EXPECT_EQ(post({{"traceparent", "00-1"}, {"tracestate", "a=1"}}), std::nullopt);
  EXPECT_EQ(post({{"tracestate", "a=1"}}), std::nullopt);
}

TEST_F(CallbackEndpointTest, TellsItsTracesOfEachEndOfARequest) {
  class Recording final : public RequestTraces {
   public:
    std::string Begin(const WaitingRequest& request, const Sent& sent) override {
      Add("begin", request);
      told.back().append(" ").append(sent.traceparent.value_or("none"));
      return "00-11111111111111111111111111111111-2222222222222222-00";
    }
    void Refused(const WaitingRequest& request) override { Add("refused", request); }
    void Decided(const WaitingRequest& request, Situation /*situation*/) override {
      Add("decided", request);
    }
    void Answered(const WaitingRequest& request, common::ProviderTable::Index /*row*/,
                  Situation /*situation*/, int /*status*/, Duration /*since_head*/) override {
      Add("answered", request);
    }
    void Abandoned(const WaitingRequest& request) override { Add("abandoned", request); }

    std::vector<std::string> told;

   private:
    void Add(const char* what, const WaitingRequest& request) {
      told.push_back(std::string(what) + " " + std::to_string(request.request));
    }
  };
  Recording traces;
  endpoint.emplace("/callbacks", providers, *store, acceptance, events, std::size_t{1024}, &traces);

  EXPECT_EQ(
      Post("/callbacks/onfido",
           {{"Authorization", "onfido-secret"}, {"traceparent", "00-1"}, {"tracestate", "a=1"}}),
      "waiting");
  EXPECT_EQ(sink.envelopes.at(0).traceparent,
            "00-11111111111111111111111111111111-2222222222222222-00");
  EXPECT_EQ(sink.envelopes.at(0).tracestate, std::nullopt) << "it belonged to no valid context";
  endpoint->Answered({.status = 200, .note = 1, .ticket = {.request = 1}});
  endpoint->Abandoned({.request = 2});
  sink.answer = Offered::kAway;
  Post("/callbacks/onfido", {{"Authorization", "onfido-secret"}});
  Post("/callbacks/onfido", {});
  EXPECT_THAT(traces.told, ElementsAre("begin 1 00-1", "answered 1", "abandoned 2", "begin 1 none",
                                       "refused 1"));
}

TEST_F(CallbackEndpointTest, AnswersTheTransientStatusWhenTheSinkRefuses) {
  sink.answer = Offered::kAway;
  EXPECT_EQ(Post("/callbacks/onfido", {{"Authorization", "onfido-secret"}}), "503");
  EXPECT_EQ(Post("/callbacks/readid", {{"Authorization", "readid-secret"}}), "429");
  EXPECT_EQ(Post("/callbacks/nobody", {{"Authorization", "readid-secret"}}), "429");
}

TEST_F(CallbackEndpointTest, AnswersServerFaultsFromTheAnswerTable) {
  const auto tag =
      endpoint->Admit(Head("POST", "/callbacks/onfido", {{"Authorization", "onfido-secret"}})).tag;
  EXPECT_EQ(Render(endpoint->AnswerFault(HttpFault::kAnswerTooLate, tag)), "503");
  EXPECT_EQ(Render(endpoint->AnswerFault(HttpFault::kAnswerTooLate, std::nullopt)), "429");
  EXPECT_EQ(Render(endpoint->AnswerFault(HttpFault::kInternal, tag)), "503");
  EXPECT_EQ(Render(endpoint->AnswerFault(HttpFault::kInternal, std::nullopt)), "429");
  EXPECT_EQ(Render(endpoint->AnswerFault(HttpFault::kMalformed, std::nullopt)), "400 close");
  EXPECT_EQ(Render(endpoint->AnswerFault(HttpFault::kLengthRequired, std::nullopt)), "411 close");
  EXPECT_EQ(Render(endpoint->AnswerFault(HttpFault::kHeadTooLarge, std::nullopt)), "431 close");
  EXPECT_EQ(Render(endpoint->AnswerFault(HttpFault::kBodyTooLarge, tag)), "413 close");
  EXPECT_EQ(Render(endpoint->AnswerFault(HttpFault::kHeadTooSlow, std::nullopt)), "408 close");
  EXPECT_EQ(Render(endpoint->AnswerFault(HttpFault::kBodyTooSlow, tag)), "408 close");
  EXPECT_EQ(Render(endpoint->AnswerFault(HttpFault::kTooManyConnections, std::nullopt)),
            "429 close");
}

TEST_F(CallbackEndpointTest, ReportsEachAnswerWithItsRowSituationAndStatus) {
  const auto onfido = providers.Resolve("onfido");
  const auto count = [&](std::optional<std::uint32_t> tag, const Answer& answer) {
    endpoint->Answered({.tag = tag, .status = answer.status, .note = answer.note});
  };
  count(onfido, ToAnswer(Situation::kDurable, providers[onfido]));
  count(onfido, ToAnswer(Situation::kShed, providers[onfido]));
  count(onfido, endpoint->AnswerFault(HttpFault::kBodyTooLarge, onfido));
  count(onfido, *endpoint->Admit(Head("POST", "/callbacks/onfido", {})).refusal);
  count(std::nullopt, endpoint->AnswerFault(HttpFault::kMalformed, std::nullopt));
  EXPECT_THAT(events.answers(),
              ElementsAre("row 1: durable 200", "row 1: shed 503", "row 1: body_too_large 413",
                          "row 1: unauthorized 401", "row 0: malformed 400"));
}

TEST_F(CallbackEndpointTest, ReportsTheReasonOfARefusal) {
  for (const Situation situation : {Situation::kUnavailable, Situation::kShed}) {
    const Answer answer = ToAnswer(situation, providers[1]);
    endpoint->Answered({.tag = 1, .status = answer.status, .note = answer.note});
  }
  EXPECT_THAT(events.answers(), ElementsAre("row 1: unavailable 503", "row 1: shed 503"));
}

TEST_F(CallbackEndpointTest, TreatsAForeignAnswerAsAnInternalError) {
  endpoint->Answered({.tag = 1, .status = 503, .note = 0});
  EXPECT_THAT(events.answers(), ElementsAre("row 1: internal_error 503"));
}

}  // namespace
}  // namespace ingest
