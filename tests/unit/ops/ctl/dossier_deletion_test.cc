#include "ops/ctl/erase/dossier_deletion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <ostream>

namespace ctl {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::ElementsAreArray;

AssureReply Status(int status, std::string body = R"({"traceId":"t-1"})") {
  return {.status = status, .body = std::move(body)};
}
AssureReply Token(const std::string& token = "t") {
  return Status(200, R"({"access_token":")" + token + R"(","expires_in":600})");
}
AssureReply Fault(std::string error) { return {.error = std::move(error)}; }
AssureReply Later(int status, std::string seconds) {
  AssureReply reply = Status(status);
  reply.retry_after = std::move(seconds);
  return reply;
}

struct Course {
  std::string name;
  std::deque<AssureReply> replies;  ///< After the first token.
  DeletionOutcome outcome;
  std::string why;
  std::vector<std::string> requests;  ///< After the first token's, without their host.
  std::vector<int> waits;             ///< In seconds.
};
void PrintTo(const Course& course, std::ostream* out) { *out << course.name; }

/// Answers with the given replies, and notes the requests.
class Deletion : public testing::TestWithParam<Course> {
 protected:
  DeletionReport Run(std::deque<AssureReply> replies) {
    const common::AssureClient client{.base_url = "https://api.test/assure/",
                                      .token_url = "https://api.test/token",
                                      .client_id = "me",
                                      .client_secret = "secret",
                                      .ca_file = {}};
    return DeleteDossier(client, common::DossierId("a/b"),
                         {.ask =
                              [&](const common::AssureRequest& request) {
                                std::string line = request.method + " " + request.url.substr(16);
                                const std::string& authorization = request.fields.at(0).second;
                                if (authorization.starts_with("Bearer "))
                                  line += " " + authorization.substr(7);
                                requests.push_back(line);
                                if (replies.empty()) return Status(599);
                                AssureReply reply = std::move(replies.front());
                                replies.pop_front();
                                return reply;
                              },
                          .wait =
                              [&](milliseconds time) {
                                waits.push_back(static_cast<int>(time.count() / 1000));
                                return !must_stop;
                              }});
  }

  std::vector<std::string> requests;
  std::vector<int> waits;
  bool must_stop = false;
};

constexpr const char* kDelete = "DELETE /assure/dossiers/a%2Fb t";
constexpr const char* kGet = "GET /assure/dossiers/a%2Fb t";
constexpr const char* kUnknown =
    "it took the deletion; whether it still answers requests for the dossier is unknown: run this "
    "again";
constexpr const char* kNoMark =
    "the answer has neither traceId nor instance, as errors of the Assure API have: is "
    "assure.base_url right?";

TEST_P(Deletion, EndsAsTabulated) {
  const Course& course = GetParam();
  std::deque<AssureReply> replies = course.replies;
  replies.push_front(Token());
  const DeletionReport report = Run(replies);
  EXPECT_EQ(ToText(report.outcome), ToText(course.outcome));
  EXPECT_EQ(report.why, course.why);
  ASSERT_FALSE(requests.empty());
  EXPECT_EQ(requests.front(), "POST /token");
  requests.erase(requests.begin());
  EXPECT_THAT(requests, ElementsAreArray(course.requests));
  EXPECT_THAT(waits, ElementsAreArray(course.waits));
}

INSTANTIATE_TEST_SUITE_P(
    Answers, Deletion,
    testing::Values(
        Course{"Deletes",
               {Status(204, ""), Status(404)},
               DeletionOutcome::kDeleted,
               "",
               {kDelete, kGet},
               {}},
        Course{"DeletesWithAJsonBody",
               {Status(200, "{}"), Status(410)},
               DeletionOutcome::kDeleted,
               "",
               {kDelete, kGet},
               {}},
        Course{"BelievesNoPageThatSaysOk",
               {Status(200, "<html>")},
               DeletionOutcome::kRefused,
               "the answer is no JSON object: is assure.base_url right?",
               {kDelete},
               {}},
        Course{"IsNotDeletedWhileItStillAnswers",
               {Status(202), Status(200)},
               DeletionOutcome::kUnavailable,
               "it took the deletion, and still answers requests for the dossier: run this again "
               "later",
               {kDelete, kGet},
               {}},
        Course{"IsNotDeletedIfItCouldNotLook",
               {Status(204), Status(500)},
               DeletionOutcome::kUnavailable,
               kUnknown,
               {kDelete, kGet},
               {}},
        Course{"IsNotDeletedIfItMayNotLook",
               {Status(204), Status(403)},
               DeletionOutcome::kUnavailable,
               kUnknown,
               {kDelete, kGet},
               {}},
        Course{"IsNotDeletedIfAGatewayMissesIt",
               {Status(204), Status(404, R"({"message":"no Route matched"})")},
               DeletionOutcome::kUnavailable,
               kUnknown,
               {kDelete, kGet},
               {}},
        Course{"BelievesNoGateway",
               {Status(404, R"({"message":"no Route matched"})")},
               DeletionOutcome::kRefused,
               kNoMark,
               {kDelete},
               {}},
        Course{"BelievesNoErrorAboutAnotherPath",
               {Status(410, R"({"instance":"/assure/dossiers/other"})")},
               DeletionOutcome::kRefused,
               kNoMark,
               {kDelete},
               {}},
        Course{"BelievesAnErrorAboutItsPath",
               {Status(404, R"({"instance":"/assure/dossiers/a%2Fb"})")},
               DeletionOutcome::kGone,
               "",
               {kDelete},
               {}},
        Course{"BelievesAnErrorThatNamesIt",
               {Status(404, R"({"dossierId":"a/b"})")},
               DeletionOutcome::kGone,
               "",
               {kDelete},
               {}},
        Course{"IsGoneAlready", {Status(404)}, DeletionOutcome::kGone, "", {kDelete}, {}},
        Course{"IsGoneForGood", {Status(410)}, DeletionOutcome::kGone, "", {kDelete}, {}},
        Course{"BelievesNoPage",
               {Status(404, "<html>")},
               DeletionOutcome::kRefused,
               "the answer is no JSON object: is assure.base_url right?",
               {kDelete},
               {}},
        Course{"BelievesNoAnswerToAnother",
               {Status(404, R"({"dossierId":"other"})"), Status(404)},
               DeletionOutcome::kGone,
               "",
               {kDelete, kDelete},
               {1}},
        Course{"RenewsItsTokenOnce",
               {Status(401), Token("new"), Status(204), Status(404)},
               DeletionOutcome::kDeleted,
               "",
               {kDelete, "POST /token", "DELETE /assure/dossiers/a%2Fb new",
                "GET /assure/dossiers/a%2Fb new"},
               {}},
        Course{"RenewsItsTokenAfterA400ThatNamesIt",
               {Status(400, R"({"code":"invalid_token"})"), Token(), Status(404)},
               DeletionOutcome::kGone,
               "",
               {kDelete, "POST /token", kDelete},
               {}},
        Course{"IsRefusedWithANewToken",
               {Status(401), Token(), Status(401)},
               DeletionOutcome::kRefused,
               "it refuses a new token, too",
               {kDelete, "POST /token", kDelete},
               {}},
        Course{"IsForbidden",
               {Status(403)},
               DeletionOutcome::kRefused,
               "this client may not delete dossiers",
               {kDelete},
               {}},
        Course{"Conflicts",
               {Status(409)},
               DeletionOutcome::kRefused,
               "the dossier's state forbids it: is a process of it under way?",
               {kDelete},
               {}},
        Course{"HasNoSuchMethod",
               {Status(405)},
               DeletionOutcome::kRefused,
               "it does not delete dossiers at this path",
               {kDelete},
               {}},
        Course{"IsRedirected",
               {Status(302)},
               DeletionOutcome::kRefused,
               "it answered 302",
               {kDelete},
               {}},
        Course{"TriesAgain",
               {Status(503), Fault("timed out"), Status(404)},
               DeletionOutcome::kGone,
               "",
               {kDelete, kDelete, kDelete},
               {1, 2}},
        Course{"GivesUpAfterFourAttempts",
               {Status(500), Status(502), Status(408), Fault("connection refused")},
               DeletionOutcome::kUnavailable,
               "connection refused",
               {kDelete, kDelete, kDelete, kDelete},
               {1, 2, 4}},
        Course{"WaitsAsAsked",
               {Later(429, "30"), Status(404)},
               DeletionOutcome::kGone,
               "",
               {kDelete, kDelete},
               {30}},
        Course{"DoesNotWaitForHours",
               {Later(429, "3600")},
               DeletionOutcome::kUnavailable,
               "it answered 429, and asks to wait for 3600 s",
               {kDelete},
               {}},
        Course{"DoesNotWaitForMoreSecondsThanItCanCount",
               {Later(503, "99999999999")},
               DeletionOutcome::kUnavailable,
               "it answered 503, and asks to wait for 86400 s",
               {kDelete},
               {}},
        Course{"DoesNotWaitForADate",
               {Later(503, "Mon, 30 Nov 2026 12:00:00 GMT")},
               DeletionOutcome::kUnavailable,
               "it answered 503, and asks to wait until Mon, 30 Nov 2026 12:00:00 GMT",
               {kDelete},
               {}}),
    [](const auto& test) { return test.param.name; });

TEST_F(Deletion, DoesNothingWithoutAToken) {
  const DeletionReport refused = Run({Status(401, R"({"error":"invalid_client"})")});
  EXPECT_EQ(refused.outcome, DeletionOutcome::kRefused);
  EXPECT_EQ(refused.why, "no token: it answered 401");
  EXPECT_EQ(refused.attempts, 0);
  EXPECT_THAT(requests, ElementsAre("POST /token"));

  const DeletionReport unavailable = Run({Status(503), Status(503), Status(503), Status(503)});
  EXPECT_EQ(unavailable.outcome, DeletionOutcome::kUnavailable);
  EXPECT_EQ(unavailable.attempts, 0);
  EXPECT_EQ(requests.size(), 1U + 4U);
}

TEST_F(Deletion, EndsWhenTheProgramMust) {
  must_stop = true;
  const DeletionReport report = Run({Token(), Status(503), Status(204)});
  EXPECT_EQ(report.outcome, DeletionOutcome::kUnavailable);
  EXPECT_THAT(requests, ElementsAre("POST /token", kDelete));
}

TEST_F(Deletion, NamesTheTraceOfARefusal) {
  const DeletionReport report = Run({Token(), Status(403, R"({"traceId":"abc"})")});
  EXPECT_EQ(report.trace_id, "abc");
  EXPECT_EQ(report.status, 403);
}

}  // namespace
}  // namespace ctl
