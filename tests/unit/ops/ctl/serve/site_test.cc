#include "ops/ctl/serve/site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
#include <utility>

#include "tests/support/wait_until.h"
#include "tests/unit/ops/ctl/serve/head.h"

namespace ctl {
namespace {

using common::http::Answer;
using common::http::RequestHead;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

std::string FieldOf(const Answer& answer, std::string_view wanted) {
  for (const auto& [name, value] : answer.fields) {
    if (name == wanted) return value;
  }
  return "(none)";
}

/// A site with routes: /api/echo and /api/change tell what they got, and so does /api/now at once;
/// /api/wait waits, /api/forbidden does not exist for anybody.
class SiteTest : public testing::Test {
 protected:
  SiteTest()
      : session_(*Session::Begin(8088)),
        jobs_(1, std::chrono::hours(1)),
        site_(SameOrigin("127.0.0.1"), session_, Routes(), jobs_,
              [this](const common::http::Ticket&, Answer answer) {
                answers_.set_value(std::move(answer));
              }) {}

  static std::vector<ApiRoute> Routes() {
    const auto echo = [](const ApiRequest& request, const std::stop_token&) {
      if (request.query.Text("--id") == "bad") return common::Result<std::string>(Reject("bad id"));
      if (request.query.Text("--id") == "away") {
        return common::Result<std::string>(
            common::Error{common::Remedy::kRetry, "no_broker", "no broker answers"});
      }
      if (request.query.Text("--id") == "throw") throw std::runtime_error("broken");
      return common::Result<std::string>("\"" + request.query.Text("--id") + request.body + "\"");
    };
    const auto wait = [](const ApiRequest&, const std::stop_token& stop) {
      std::mutex mutex;
      std::condition_variable_any stopped;
      std::unique_lock lock(mutex);
      stopped.wait(lock, stop, [] { return false; });
      return common::Result<std::string>("\"stopped\"");
    };
    return {{"GET", "/api/echo", {"id"}, echo},
            {"POST", "/api/change", {}, echo},
            {"GET", "/api/wait", {}, wait},
            {"GET", "/api/now", {"id"}, echo, "", true},
            {"POST", "/api/forbidden", {}, echo, "--allow-it"}};
  }

  void LogIn() {
    const std::string target = "/?token=" + session_.token();
    const Answer welcome = Ask(Head("GET", target));
    ASSERT_EQ(welcome.status, 303);
    const std::string cookie = FieldOf(welcome, "Set-Cookie");
    cookie_ = cookie.substr(0, cookie.find(';'));
  }

  Answer Ask(const RequestHead& head, std::string_view body = {}) {
    auto admission = site_.Admit(head);
    if (admission.refusal) return *admission.refusal;
    answers_ = {};
    auto answer = site_.Handle(head, body, admission.tag, {});
    return answer ? *answer : answers_.get_future().get();
  }

  /// With the cookie, as the page asks.
  Answer AskOwn(std::string_view method, std::string_view target, Fields fields = {},
                std::string_view body = {}) {
    fields.emplace_back("Cookie", cookie_);
    fields.emplace_back("Sec-Fetch-Site", "same-origin");
    const RequestHead head = Head(method, target, fields);
    Answer answer;
    // The job that has just answered may not have ended yet.
    EXPECT_TRUE(tests::WaitUntil(
        [&] {
          answer = Ask(head, body);
          return !IsBusy(answer);
        },
        std::chrono::seconds(60)));
    return answer;
  }

  static bool IsBusy(const Answer& answer) {
    return answer.body.find("busy with other answers") != std::string::npos;
  }

  Session session_;
  JobRunner jobs_;
  std::promise<Answer> answers_;
  Site site_;
  std::string cookie_;
};

TEST_F(SiteTest, RefusesEverythingWithoutTheCookie) {
  for (const char* path :
       {"/", "/app.js", "/style.css", "/icon.svg", "/api/echo", "/nothing", "/?token=guess"}) {
    const Answer answer = Ask(Head("GET", path));
    EXPECT_EQ(answer.status, 401) << path;
    EXPECT_THAT(answer.body, HasSubstr("needs the address")) << path;
  }
  EXPECT_EQ(Ask(Head("POST", "/api/change", {{"Sec-Fetch-Site", "same-origin"}})).status, 401);
}

TEST_F(SiteTest, AcceptsTokenOnce) {
  LogIn();
  EXPECT_EQ(AskOwn("GET", "/").status, 200);
  EXPECT_EQ(Ask(Head("GET", "/?token=" + session_.token())).status, 401);
}

TEST_F(SiteTest, DoesNotSellTheCookieToAnotherSite) {
  const std::string target = "/?token=" + session_.token();
  EXPECT_EQ(Ask(Head("GET", target, {{"Host", "evil.example"}})).status, 403);
  EXPECT_EQ(Ask(Head("GET", target, {{"Sec-Fetch-Site", "cross-site"}})).status, 403);
  // Only a GET of the page itself is the exchange.
  EXPECT_EQ(Ask(Head("HEAD", target)).status, 401);
  EXPECT_EQ(Ask(Head("GET", "/api/echo?token=" + session_.token())).status, 401);
  LogIn();
}

TEST_F(SiteTest, RefusesForeignHostsAndOriginsWithTheCookie) {
  LogIn();
  for (const char* path : {"/", "/app.js", "/api/echo"}) {
    EXPECT_EQ(Ask(Head("GET", path, {{"Host", "evil.example"}, {"Cookie", cookie_}})).status, 403);
    EXPECT_EQ(
        Ask(Head("GET", path, {{"Origin", "http://evil.example"}, {"Cookie", cookie_}})).status,
        403);
    EXPECT_EQ(Ask(Head("GET", path, {{"Sec-Fetch-Site", "same-site"}, {"Cookie", cookie_}})).status,
              403);
  }
  EXPECT_EQ(Ask(Head("POST", "/api/change", {{"Cookie", cookie_}})).status, 403);
}

TEST_F(SiteTest, ServesItsFilesWithTheirTypes) {
  LogIn();
  const Answer page = AskOwn("GET", "/");
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(page.body, StartsWith("<!doctype html>"));
  EXPECT_EQ(AskOwn("GET", "/app.js").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(AskOwn("GET", "/style.css").content_type, "text/css; charset=utf-8");
  EXPECT_EQ(AskOwn("GET", "/icon.svg").content_type, "image/svg+xml");
  EXPECT_EQ(AskOwn("HEAD", "/").status, 200);
  EXPECT_EQ(AskOwn("GET", "/index.html").status, 404);
  EXPECT_EQ(AskOwn("GET", "/../etc/passwd").status, 404);
}

// The policy forbids what they would need; this shows that they need none of it.
TEST_F(SiteTest, HasNoInlineScriptStyleOrForeignAddress) {
  for (const PageFile& file : PageFiles()) {
    if (file.path == "/") {
      EXPECT_THAT(std::string(file.text),
                  AllOf(HasSubstr("<script type=\"module\" src=\"/app.js\"></script>"),
                        testing::Not(HasSubstr("style=")), testing::Not(HasSubstr("onclick")),
                        testing::Not(HasSubstr("<script>")), testing::Not(HasSubstr("//"))));
    }
    for (const char* danger : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
                               "eval(", "new Function", "https://", "http://evil"}) {
      EXPECT_THAT(std::string(file.text), testing::Not(HasSubstr(danger))) << file.path;
    }
  }
}

TEST_F(SiteTest, AnswersItsRoutes) {
  LogIn();
  const Answer answer = AskOwn("GET", "/api/echo?id=a+b");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "\"a b\"\n");
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_EQ(
      AskOwn("POST", "/api/change", {{"Content-Type", "application/json; charset=utf-8"}}, "body")
          .body,
      "\"body\"\n");
}

TEST_F(SiteTest, ChangesNothingOnGetAndAcceptsOnlyJson) {
  LogIn();
  const Answer answer = AskOwn("GET", "/api/change");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(FieldOf(answer, "Allow"), "POST");
  EXPECT_EQ(FieldOf(AskOwn("POST", "/api/echo"), "Allow"), "GET, HEAD");
  EXPECT_EQ(AskOwn("DELETE", "/").status, 405);
  EXPECT_EQ(AskOwn("OPTIONS", "/api/change").status, 405);
  EXPECT_EQ(AskOwn("POST", "/api/change").status, 415);
  EXPECT_EQ(AskOwn("POST", "/api/change", {{"Content-Type", "text/plain"}}).status, 415);
  EXPECT_EQ(AskOwn("POST", "/api/forbidden", {{"Content-Type", "application/json"}}).status, 403);
}

TEST_F(SiteTest, TellsWhyItCannotAnswer) {
  LogIn();
  const Answer bad = AskOwn("GET", "/api/echo?id=bad");
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.body, "{\"error\":\"bad id\"}\n");
  EXPECT_EQ(AskOwn("GET", "/api/echo?config=/etc/shadow").status, 400);
  const Answer away = AskOwn("GET", "/api/echo?id=away");
  EXPECT_EQ(away.status, 503);
  EXPECT_EQ(FieldOf(away, "Retry-After"), "5");
  EXPECT_EQ(AskOwn("GET", "/api/echo?id=throw").status, 500);
}

TEST_F(SiteTest, IsBusyIfAllAnswersAreBeingPrepared) {
  LogIn();
  const Fields own{{"Cookie", cookie_}};
  const RequestHead waiting = Head("GET", "/api/wait", own);
  EXPECT_FALSE(site_.Handle(waiting, {}, site_.Admit(waiting).tag, {}));
  const Answer busy = Ask(Head("GET", "/api/echo?id=x", own));
  EXPECT_TRUE(IsBusy(busy));
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(FieldOf(busy, "Retry-After"), "5");
  // Its own files need no turn, nor does a route that waits for nothing.
  EXPECT_EQ(AskOwn("GET", "/").status, 200);
  EXPECT_EQ(Ask(Head("GET", "/api/now?id=x", own)).body, "\"x\"\n");
  EXPECT_EQ(Ask(Head("GET", "/api/now?id=throw", own)).status, 500);
  EXPECT_TRUE(jobs_.End(common::Deadline::After(std::chrono::seconds(60))));
}

TEST_F(SiteTest, GuardsEveryAnswer) {
  std::vector<Answer> answers{Ask(Head("GET", "/")), Ask(Head("GET", "/", {{"Host", "e.example"}})),
                              site_.AnswerFault(common::http::HttpFault::kMalformed, {}),
                              Ask(Head("GET", "/?token=" + session_.token()))};
  cookie_ = FieldOf(answers.back(), "Set-Cookie")
                .substr(0, FieldOf(answers.back(), "Set-Cookie").find(';'));
  for (const char* target : {"/", "/app.js", "/api/echo?id=x", "/api/echo?id=bad", "/nothing"}) {
    answers.push_back(AskOwn("GET", target));
  }
  for (const Answer& answer : answers) {
    SCOPED_TRACE(answer.status);
    EXPECT_EQ(FieldOf(answer, "Content-Security-Policy"),
              "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
              "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    EXPECT_EQ(FieldOf(answer, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(FieldOf(answer, "Cache-Control"), "no-store");
    EXPECT_EQ(FieldOf(answer, "Referrer-Policy"), "no-referrer");
    EXPECT_EQ(FieldOf(answer, "Cross-Origin-Opener-Policy"), "same-origin");
    EXPECT_EQ(FieldOf(answer, "Cross-Origin-Resource-Policy"), "same-origin");
    EXPECT_EQ(FieldOf(answer, "Access-Control-Allow-Origin"), "(none)");
  }
}

}  // namespace
}  // namespace ctl
