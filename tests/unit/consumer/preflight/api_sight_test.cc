#include "consumer/preflight/api_sight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <utility>

namespace consumer {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

// Sun, 06 Nov 1994 08:49:37 GMT
constexpr common::WallTime kThen{784'111'777s};

HttpReply Reply(int status, std::string body, std::string type = "application/json") {
  HttpReply reply;
  reply.status = status;
  reply.body = std::move(body);
  reply.content_type = std::move(type);
  reply.date = "Sun, 06 Nov 1994 08:49:37 GMT";
  return reply;
}

HttpReply Fault(TransportFault fault, std::string error) {
  HttpReply reply;
  reply.fault = fault;
  reply.error = std::move(error);
  return reply;
}

std::string Lines(const ApiSight& sight) {
  common::preflight::Report report;
  JudgeApi(sight, report);
  return report.Render();
}

/// The lines for this answer of the token endpoint.
std::string OfToken(HttpReply reply, bool has_token = false) {
  return Lines({.token_url = "https://id.test/token",
                .url = "https://api.test/assure",
                .token = {std::move(reply), kThen},
                .has_token = has_token});
}

/// The lines for this answer of the API, after a token.
std::string OfApi(HttpReply reply, IdRule ids = IdRule::kRequired) {
  return Lines({.token_url = "https://id.test/token",
                .url = "https://api.test/assure/dossiers/d/processes/p",
                .job = {.dossier = common::DossierId("d"), .process = common::ProcessId("p")},
                .ids = ids,
                .token = {Reply(200, R"({"access_token":"t"})"), kThen},
                .has_token = true,
                .answer = TimedReply{std::move(reply), kThen}});
}

struct Row {
  const char* name;
  HttpReply reply;
  const char* line;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class TokenLine : public testing::TestWithParam<Row> {};

TEST_P(TokenLine, NamesFaultAndRemedy) {
  EXPECT_THAT(OfToken(GetParam().reply),
              AllOf(HasSubstr(GetParam().line), HasSubstr("unasked api: no token: see token\n")));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, TokenLine,
    testing::Values(
        Row{"wrong_secret", Reply(401, R"({"error":"invalid_client"})"),
            "wrong token: https://id.test answers 401 (invalid_client): correct assure.client_id, "
            "assure.client_secret and assure.scope\n"},
        Row{"wrong_scope", Reply(400, R"({"error":"invalid_scope"})"),
            "wrong token: https://id.test answers 400 (invalid_scope): correct assure.scope\n"},
        Row{"an_error_that_quotes_the_secret", Reply(401, R"({"error":"hush-hush is wrong"})"),
            "wrong token: https://id.test answers 401: correct"},
        Row{"wrong_path", Reply(404, "{}"),
            "wrong token: https://id.test answers 404: compare assure.token_url\n"},
        Row{"a_page", Reply(200, "<html>", "text/html"),
            "wrong token: https://id.test answers 200 with a page for people"},
        Row{"a_redirect", Reply(302, ""), "wrong token: https://id.test answers 302, a redirect"},
        Row{"no_token_in_it", Reply(200, "{}"),
            "wrong token: https://id.test answers 200 without a token"},
        Row{"busy", Reply(503, "<html>", "text/html"),
            "unasked token: https://id.test answers 503: ask again later\n"},
        Row{"nobody", Fault(TransportFault::kConnect, "refused"),
            "unasked token: https://id.test does not answer (refused): see to assure.token_url"},
        Row{"no_name", Fault(TransportFault::kDns, "no such host"),
            "unasked token: https://id.test does not answer (no such host)"},
        Row{"no_http", Fault(TransportFault::kBroken, "HTTP/0.9"),
            "wrong token: https://id.test does not answer as an HTTP server does (HTTP/0.9)"},
        Row{"reset", Fault(TransportFault::kBroken, "Recv failure: Connection reset by peer"),
            "unasked token: https://id.test closes the connection (Recv failure: Connection reset "
            "by peer): ask again later; if it stays, compare scheme and port of assure.token_url"},
        Row{"empty_reply", Fault(TransportFault::kBroken, "Empty reply from server"),
            "unasked token: https://id.test closes the connection (Empty reply from server)"},
        Row{"reset_before_the_handshake",
            Fault(TransportFault::kTls, "Recv failure: Connection reset by peer"),
            "unasked tls: https://id.test does not answer\nunasked token: https://id.test closes "
            "the connection"},
        Row{"end_within_the_handshake",
            Fault(TransportFault::kTls, "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to"),
            "unasked tls: "},
        Row{"no_tls_at_that_port",
            Fault(TransportFault::kTls, "error:0A00010B:SSL routines::wrong version number"),
            "wrong tls: the TLS handshake with https://id.test fails (error:0A00010B:SSL "
            "routines::wrong version number): compare scheme and port of assure.token_url"},
        Row{"a_client_certificate_is_wanted",
            Fault(TransportFault::kTls, "SSL routines::tlsv13 alert certificate required"),
            "wrong tls: the TLS handshake with https://id.test fails ("},
        Row{"expired_certificate",
            Fault(TransportFault::kTls, "SSL certificate problem: certificate has expired"),
            "wrong tls: the certificate of https://id.test is refused (SSL certificate problem: "
            "certificate has expired): it has expired; renew it on that host\nunasked token: "
            "https://id.test was not asked: see tls\n"},
        Row{"certificate_of_another_name",
            Fault(TransportFault::kTls, "SSL: no alternative certificate subject name matches"),
            "it is not for this name"},
        Row{"unknown_authority",
            Fault(TransportFault::kTls,
                  "SSL certificate problem: unable to get local issuer certificate"),
            "no trusted authority has signed it; name the right one in assure.ca_file"}),
    [](const auto& row) { return row.param.name; });

class ApiLine : public testing::TestWithParam<Row> {};

TEST_P(ApiLine, NamesFaultAndRemedy) {
  EXPECT_THAT(
      OfApi(GetParam().reply),
      AllOf(HasSubstr(GetParam().line), HasSubstr("ok token: https://id.test gives a token\n")));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ApiLine,
    testing::Values(
        Row{"not_found", Reply(404, R"({"title":"no"})"),
            "ok api: https://api.test answers 404 for ids that nobody has, as it should\n"},
        Row{"gone", Reply(410, R"({"traceId":"t"})"), "ok api: https://api.test answers 410"},
        Row{"not_found_by_a_gateway",
            Reply(404, R"({"message":"no Route matched with those values"})"),
            "warning api: https://api.test answers 404 for ids that nobody has, but not as the API "
            "does: compare host and path of assure.base_url\n"},
        Row{"not_found_with_a_numeric_code", Reply(404, R"({"code":404})"), "warning api: "},
        Row{"not_found_for_another",
            Reply(404, R"({"title":"no","instance":"/assure/dossiers/another"})"), "warning api: "},
        Row{"found", Reply(200, R"({"processId":"p","dossierId":"d"})"),
            "ok api: https://api.test answers 200 with a document that names the ids\n"},
        Row{"found_another", Reply(200, R"({"processId":"q"})"),
            "wrong api: https://api.test answers 200 with JSON that does not name the ids asked "
            "for: compare assure.base_url\n"},
        Row{"a_token_endpoint", Reply(200, R"({"access_token":"t"})"),
            "wrong api: https://api.test answers 200 with JSON that does not name the ids"},
        Row{"unauthorized", Reply(401, "{}"),
            "wrong api: https://api.test answers 401: the API does not take the token"},
        Row{"token_refused_with_400", Reply(400, R"({"code":"invalid_token"})"),
            "wrong api: https://api.test answers 400: the API does not take the token"},
        Row{"forbidden", Reply(403, "{}"),
            "wrong api: https://api.test answers 403: this client may not read dossiers"},
        Row{"forbidden_page", Reply(403, "<html>", "text/html"),
            "wrong api: https://api.test "
            "answers 403"},
        Row{"redirect", Reply(307, ""), "wrong api: https://api.test answers 307, a redirect"},
        Row{"page", Reply(200, "<!doctype html>", "text/html"),
            "wrong api: https://api.test answers 200 with a page for people"},
        Row{"page_for_not_found", Reply(404, "<html>", "text/html"),
            "wrong api: https://api.test answers 404 with a page for people"},
        Row{"no_json", Reply(200, "pong", "text/plain"),
            "wrong api: https://api.test answers 200 without a JSON object"},
        Row{"foreign_not_found", Reply(404, "404 page not found", "text/plain"),
            "warning api: https://api.test answers 404 for ids that nobody has, but not as the API "
            "does: compare host and path of assure.base_url\n"},
        Row{"busy", Reply(429, "{}"),
            "unasked api: https://api.test answers 429, which says nothing of this client's "
            "rights"},
        Row{"broken", Reply(500, "{}"), "unasked api: https://api.test answers 500"},
        Row{"slow", Fault(TransportFault::kTimeout, "timed out"),
            "unasked api: https://api.test does not answer (timed out): see to assure.base_url"}),
    [](const auto& row) { return row.param.name; });

TEST(ApiSight, NamesTheKeysOfItsAccount) {
  ApiSight sight{.section = "accounts.acme",
                 .token_url = "http://id.test/token",
                 .url = "http://api.test/assure"};
  sight.token.reply = Reply(401, R"({"error":"invalid_client"})");
  common::preflight::Report own;
  JudgeApi(sight, own);
  common::preflight::Report report;
  report.AppendOf("account acme", own);
  EXPECT_THAT(report.Render(),
              HasSubstr("wrong token: account acme: http://id.test answers 401 (invalid_client): "
                        "correct accounts.acme.client_id, accounts.acme.client_secret and "
                        "accounts.acme.scope\n"));
  EXPECT_THAT(report.Render(), HasSubstr("unasked api: account acme: no token: see token\n"));
  EXPECT_EQ(report.status(), 2);
}

TEST(ApiSight, WarnsOfADocumentWithoutIdsWhereTheRuleAllowsIt) {
  EXPECT_THAT(OfApi(Reply(200, "{}"), IdRule::kIfPresent),
              HasSubstr("warning api: https://api.test answers 200 for ids that nobody has, with "
                        "JSON that names no ids: compare assure.base_url\n"));
  EXPECT_THAT(OfApi(Reply(200, R"({"processId":"q"})"), IdRule::kIfPresent),
              HasSubstr("wrong api: "));
}

TEST(ApiSight, HasATlsLineOnlyForHttps) {
  EXPECT_THAT(OfApi(Reply(404, "{}")),
              HasSubstr("ok tls: the certificate of https://id.test is trusted, valid, and for it; "
                        "the certificate of https://api.test is trusted, valid, and for it\n"));
  EXPECT_THAT(Lines({.token_url = "http://id.test/token",
                     .url = "http://api.test",
                     .token = {Fault(TransportFault::kConnect, "refused"), kThen}}),
              Not(HasSubstr("tls")));
}

TEST(ApiSight, ComparesTheClockWithTheAnswersDate) {
  EXPECT_THAT(OfApi(Reply(404, "{}")),
              HasSubstr("ok clock: agrees with the Date of https://api.test\n"));
  HttpReply late = Reply(404, "{}");
  late.date = "Sun, 06 Nov 1994 09:49:37 GMT";
  EXPECT_THAT(OfApi(late),
              HasSubstr("wrong clock: this machine's clock is 3600.0 s behind the Date "
                        "of https://api.test"));
}

TEST(ApiSight, ComparesTheClockWithTheTokenEndpointIfTheApiSaysNoDate) {
  HttpReply silent = Reply(404, "{}");
  silent.date.reset();
  EXPECT_THAT(OfApi(silent), HasSubstr("ok clock: agrees with the Date of https://id.test\n"));
  EXPECT_THAT(OfToken(Reply(401, "{}")), HasSubstr("ok clock: agrees with the Date of https://id"));
  EXPECT_THAT(OfToken(Fault(TransportFault::kConnect, "refused")),
              HasSubstr("unasked clock: no answer with a Date"));
}

}  // namespace
}  // namespace consumer
