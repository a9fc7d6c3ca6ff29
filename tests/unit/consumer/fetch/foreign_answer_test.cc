// An answer belongs to its question: one about another process or dossier is never used.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "consumer/fetch/question.h"
#include "tests/unit/consumer/fetch/fetch_bench.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

const std::string kDossier = "a3f1c0d2-0b64-4b8e-8d51-6d0f1f3e9a10";
const std::string kProcess = "7d0f2c1e-5b6a-4f39-9c55-1f0e8a2b7c44";

struct Row {
  const char* name;
  Resource resource;
  std::string body;
  bool is_foreign;
  bool is_foreign_if_present;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class AnswerIdTable : public testing::TestWithParam<Row> {};

TEST_P(AnswerIdTable, DecidesWhetherAnAnswerIsForeign) {
  const Row& row = GetParam();
  const FetchJob job{
      .id = 1, .dossier = common::DossierId(kDossier), .process = common::ProcessId(kProcess)};
  const Question question(row.resource, job);
  const auto answer = common::json::ReadResourceAnswer(row.body);
  ASSERT_TRUE(answer);
  EXPECT_EQ(question.IsForeign(answer->ids, IdRule::kRequired), row.is_foreign);
  EXPECT_EQ(question.IsForeign(answer->ids, IdRule::kIfPresent), row.is_foreign_if_present);
}

std::string Upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(c));
  return text;
}
std::string Named(const std::string& field, const std::string& id) {
  return "\"" + field + "\":\"" + id + "\"";
}
const std::string kOurProcess = Named("processId", kProcess);
const std::string kOurDossier = Named("dossierId", kDossier);
const std::string kOtherProcess = Named("processId", "00000000-5b6a-4f39-9c55-1f0e8a2b7c44");
const std::string kOtherDossier = Named("dossierId", "another");

INSTANTIATE_TEST_SUITE_P(
    Rows, AnswerIdTable,
    testing::Values(
        Row{"process", Resource::kProcess, "{" + kOurProcess + "}", false, false},
        Row{"process_with_its_dossier", Resource::kProcess,
            "{" + kOurDossier + "," + kOurProcess + "}", false, false},
        Row{"process_in_upper_case", Resource::kProcess,
            "{" + Named("processId", " " + Upper(kProcess) + "\\n") + "}", false, false},
        Row{"process_escaped", Resource::kProcess,
            "{" + Named("process\\u0049d", "\\u0037" + kProcess.substr(1)) + "}", false, false},
        Row{"process_unnamed", Resource::kProcess, R"({"status":"accepted"})", true, false},
        Row{"process_null", Resource::kProcess, R"({"processId":null})", true, false},
        Row{"process_empty", Resource::kProcess, R"({"processId":""})", true, true},
        Row{"process_a_number", Resource::kProcess, R"({"processId":7})", true, true},
        Row{"process_an_object", Resource::kProcess, R"({"processId":{"a":1}})", true, true},
        Row{"process_named_deeper", Resource::kProcess, "{\"a\":{" + kOurProcess + "}}", true,
            false},
        Row{"other_process", Resource::kProcess, "{" + kOtherProcess + "}", true, true},
        Row{"both_processes", Resource::kProcess, "{" + kOtherProcess + "," + kOurProcess + "}",
            true, true},
        Row{"our_process_twice", Resource::kProcess, "{" + kOurProcess + "," + kOurProcess + "}",
            false, false},
        Row{"process_of_another_dossier", Resource::kProcess,
            "{" + kOurProcess + "," + kOtherDossier + "}", true, true},
        Row{"process_of_no_dossier", Resource::kProcess, "{" + kOurProcess + ",\"dossierId\":null}",
            false, false},
        Row{"dossier_for_process", Resource::kProcess, "{" + kOurDossier + "}", true, false},
        Row{"dossier", Resource::kDossier, "{" + kOurDossier + "}", false, false},
        Row{"dossier_with_our_process", Resource::kDossier,
            "{" + kOurDossier + "," + kOurProcess + "}", false, false},
        Row{"dossier_with_other_processes", Resource::kDossier,
            "{" + kOurDossier + ",\"processes\":[{" + kOtherProcess + "}]}", false, false},
        Row{"dossier_unnamed", Resource::kDossier, R"({"createdAt":"x"})", true, false},
        Row{"other_dossier", Resource::kDossier, "{" + kOtherDossier + "}", true, true},
        Row{"dossier_of_another_process", Resource::kDossier,
            "{" + kOurDossier + "," + kOtherProcess + "}", true, true},
        Row{"process_for_dossier", Resource::kDossier, "{" + kOurProcess + "}", true, true}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(ForeignError, NamesAnotherProcessOrDossier) {
  const FetchJob job{
      .id = 1, .dossier = common::DossierId("d 1"), .process = common::ProcessId("p")};
  const struct {
    std::string body;
    bool is_foreign_to_process;
    bool is_foreign_to_dossier;
  } kCases[] = {
      {"", false, false},
      {"<html>", false, false},
      {R"({"status":404,"traceId":"t"})", false, false},
      {R"({"instance":"/assure/dossiers/"})", false, false},
      {R"({"instance":"urn:uuid:7d0f2c1e-5b6a-4f39-9c55-1f0e8a2b7c44"})", false, false},
      {R"({"instance":"/dossiers/{dossierId}/processes/{processId}"})", false, false},
      {R"({"instance":"/assure/dossiers/d%201/processes/p"})", false, true},
      {R"({"instance":"https://api.test/assure/dossiers/d%201/processes/p?a=b"})", false, true},
      {R"({"instance":"/assure/dossiers/d%201"})", false, false},
      {R"({"instance":"/assure/dossiers/d%201/processes/q"})", true, true},
      {R"({"instance":"/assure/dossiers/other"})", true, true},
      {R"({"instance":"/assure/dossiers/other/processes/p"})", true, true},
      {R"({"instance":7})", false, false},
      {R"({"processId":"p"})", false, false},
      {R"({"processId":"q"})", true, true},
      {R"({"dossierId":"d 2"})", true, true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.body);
    EXPECT_EQ(Question(Resource::kProcess, job).IsForeignError(c.body), c.is_foreign_to_process);
    EXPECT_EQ(Question(Resource::kDossier, job).IsForeignError(c.body), c.is_foreign_to_dossier);
  }
}

FetchSettings Strict() {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.ids = IdRule::kRequired;
  settings.breaker_failures = 1'000'000;  // As if other callbacks succeeded in between.
  return settings;
}

std::string Document(const std::string& process) {
  return R"({"processId":")" + process + R"(","status":"accepted","name":")" + process + R"("})";
}
std::string DossierOf(const std::string& process) {
  return R"({"dossierId":"d-)" + process + R"("})";
}

/// Finds everything and names its ids.
std::optional<HttpReply> Truthful(const HttpRequest& request) {
  if (request.url.ends_with("/token")) return Token("t", 100'000);
  const std::string last = request.url.substr(request.url.rfind('/') + 1);
  const bool is_process = request.url.find("/processes/") != std::string::npos;
  return Json(is_process ? Document(last) : DossierOf(last.substr(2)));
}

TEST(ForeignAnswer, IsNeverPublishedAndIsRetried) {
  FetchBench bench(Strict());
  bench.Submit(Job(1, "a"));
  int asked = 0;
  bench.Run(1min, [&](const HttpRequest& request) {
    return request.url.ends_with("/a") && ++asked <= 3 ? Json(Document("b")) : Truthful(request);
  });
  EXPECT_THAT(bench.ended, ElementsAre("1: process=" + Document("a") +
                                       " dossier=" + DossierOf("a") + " (5 attempts)"));
  EXPECT_THAT(bench.events.attempts, ElementsAre("token ok", "process foreign", "process foreign",
                                                 "process foreign", "process ok", "dossier ok"));
}

TEST(ForeignAnswer, ClosesItsConnection) {
  FetchBench bench(Strict());
  bench.GetToken();
  bench.Submit(Job(1, "a"));
  bench.Step();
  HttpReply foreign = Json(Document("b"));
  foreign.connection = 17;
  bench.Answer("/a", foreign);
  EXPECT_THAT(bench.transport.closed(), Contains(17U));
}

TEST(ForeignAnswer, IncludesProcessReceivedForDossier) {
  for (const IdRule rule : {IdRule::kRequired, IdRule::kIfPresent}) {
    FetchSettings settings = Strict();
    settings.ids = rule;
    FetchBench bench(settings);
    bench.Submit(Job(1, "a"));
    int asked = 0;
    bench.Run(1min, [&](const HttpRequest& request) {
      return request.url.ends_with("/d-a") && ++asked == 1 ? Json(Document("a"))
                                                           : Truthful(request);
    });
    EXPECT_THAT(bench.ended, ElementsAre("1: process=" + Document("a") +
                                         " dossier=" + DossierOf("a") + " (3 attempts)"));
    EXPECT_THAT(bench.events.attempts, Contains("dossier foreign"));
  }
}

TEST(ForeignAnswer, ExcludesAnswerWithoutIdUnderIfPresent) {
  for (const IdRule rule : {IdRule::kRequired, IdRule::kIfPresent}) {
    FetchSettings settings = Strict();
    settings.ids = rule;
    FetchBench bench(settings);
    bench.Submit(Job(1, "a"));
    bench.Run(1min, Healthy);
    EXPECT_EQ(bench.ended.size(), rule == IdRule::kIfPresent ? 1U : 0U);
  }
}

TEST(ForeignAnswer, DeadLettersTooOldWithoutForeignStatus) {
  FetchBench bench(Strict());
  bench.Submit(Job(1, "a"));
  bench.Run(7h, [&](const HttpRequest& request) {
    return request.url.ends_with("/token") ? Token("t", 100'000) : Json(Document("b"));
  });
  ASSERT_EQ(bench.ended.size(), 1U);
  EXPECT_THAT(bench.ended[0], testing::StartsWith("1: too-old 0 ("));
}

TEST(ForeignAnswer, DoesNotEndJobIfItIsAnError) {
  for (const int status : {400, 404, 410, 422}) {
    FetchBench bench(Strict());
    bench.Submit(Job(1, "a"));
    int asked = 0;
    bench.Run(1min, [&](const HttpRequest& request) {
      HttpReply foreign =
          Status(status, R"({"instance":"/assure/dossiers/d-b/processes/b","traceId":"of-b"})");
      foreign.retry_after = "3000";
      return request.url.ends_with("/a") && ++asked == 1 ? foreign : Truthful(request);
    });
    EXPECT_THAT(bench.ended, ElementsAre("1: process=" + Document("a") +
                                         " dossier=" + DossierOf("a") + " (3 attempts)"))
        << status;
    EXPECT_THAT(bench.events.held, IsEmpty());
  }
}

TEST(ForeignAnswer, DoesNotDropToken) {
  FetchBench bench(Strict());
  bench.Submit(Job(1, "a"));
  int asked = 0;
  bench.Run(1min, [&](const HttpRequest& request) {
    const bool is_foreign = request.url.ends_with("/a") && ++asked <= 4;
    return is_foreign ? Status(401, R"({"processId":"b"})") : Truthful(request);
  });
  EXPECT_EQ(bench.transport.CountAsked("/token"), 1U);
  EXPECT_EQ(bench.ended.size(), 1U);
}

TEST(ForeignAnswer, CountsAgainstHost) {
  FetchSettings settings = Strict();
  settings.breaker_failures = 20;
  FetchBench bench(settings);
  for (JobId id = 1; id <= 30; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
  bench.Run(24h, [&](const HttpRequest& request) {
    return request.url.ends_with("/token") ? Token("t", 100'000) : Json(Document("b"));
  });
  EXPECT_TRUE(bench.scheduler.breaker_open());
  EXPECT_THAT(bench.ended, IsEmpty()) << "a host that answers all wrong costs no dead letter";
}

TEST(ForeignAnswer, IsNotPublishedWhenHostMixesUpManyAnswers) {
  FetchBench bench(Strict());
  for (JobId id = 1; id <= 200; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
  // A host that mixes up every second answer.
  int count = 0;
  std::string last = Document("p0");
  bench.Run(1h, [&](const HttpRequest& request) {
    auto right = Truthful(request);
    if (request.url.find("/processes/") == std::string::npos) return right;
    std::swap(last, right->body);
    return ++count % 2 == 0 ? right : Truthful(request);
  });
  ASSERT_EQ(bench.ended.size(), 200U);
  for (JobId id = 1; id <= 200; ++id) {
    const std::string process = "p" + std::to_string(id);
    EXPECT_THAT(bench.ended,
                Contains(testing::StartsWith(std::to_string(id) + ": process=" + Document(process) +
                                             " dossier=" + DossierOf(process))));
  }
}

HttpReply Page(std::string body, std::string content_type) {
  HttpReply reply = Json(std::move(body));
  reply.content_type = std::move(content_type);
  return reply;
}

TEST(Page, CountsAgainstHostAndMakesNoDeadLetter) {
  for (const HttpReply& page :
       {Page("We will be back soon", "text/html; charset=utf-8"), Page("", "Text/HTML"),
        Page("\xEF\xBB\xBF \r\n\t<!DOCTYPE html>", ""), Page("<?xml?>", "application/json")}) {
    FetchSettings settings = FetchBench::DefaultSettings();
    settings.breaker_failures = 3;
    FetchBench bench(settings);
    for (JobId id = 1; id <= 5; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
    bench.Run(24h, [&](const HttpRequest& request) {
      return request.url.ends_with("/token") ? Token("t", 100'000) : page;
    });
    EXPECT_TRUE(bench.scheduler.breaker_open());
    EXPECT_THAT(bench.ended, IsEmpty());
    bench.Run(1min, Healthy);
    EXPECT_EQ(bench.ended.size(), 5U);
  }
}

HttpReply PageWith(int status, std::string body, std::string content_type) {
  HttpReply reply = Page(std::move(body), std::move(content_type));
  reply.status = status;
  return reply;
}

// A gateway that knows no way to the API while the API is being deployed.
TEST(Page, WithRefusalMakesNoDeadLetterEither) {
  for (const HttpReply& page :
       {PageWith(404, "<html><body>404 Not Found</body></html>", "text/html"),
        PageWith(404, "404 page not found\n", "text/plain; charset=utf-8"),
        PageWith(404, "default backend - 404", "text/plain"), PageWith(410, "", "text/html"),
        PageWith(400, "<h1>The plain HTTP request was sent to HTTPS port</h1>", "text/html")}) {
    FetchSettings settings = FetchBench::DefaultSettings();
    settings.breaker_failures = 3;
    FetchBench bench(settings);
    for (JobId id = 1; id <= 5; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
    bench.Run(24h, [&](const HttpRequest& request) {
      return request.url.ends_with("/token") ? Token("t", 100'000) : page;
    });
    EXPECT_TRUE(bench.scheduler.breaker_open());
    EXPECT_THAT(bench.ended, IsEmpty());
    bench.Run(1min, Healthy);
    EXPECT_EQ(bench.ended.size(), 5U);
  }
}

TEST(Page, ExcludesRefusalsOfTheApi) {
  for (const std::string body : {"", R"({"status":404,"traceId":"t"})", R"({"title":"<b>"})"}) {
    FetchBench bench;
    bench.Submit(Job(1, "p"));
    bench.Run(1h, [&](const HttpRequest& request) {
      return request.url.ends_with("/token") ? Token("t", 100'000) : Status(404, body);
    });
    EXPECT_THAT(bench.ended, ElementsAre(testing::StartsWith("1: gone 404"))) << body;
  }
}

TEST(Page, ExcludesJsonObjectServedAsHtml) {
  FetchBench bench;
  bench.GetToken();
  bench.Submit(Job(1, "p"));
  bench.Step();
  bench.Answer("/p", Page(R"({"status":"accepted"})", "text/html"));
  bench.Answer("/d-p", Json(R"({"a":"<b>"})"));
  EXPECT_EQ(bench.ended.size(), 1U);
}

std::string Nested(std::size_t depth) {
  return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
}

TEST(Nesting, MakesAnswerUnreadableAtOnceIfTooDeep) {
  FetchBench bench;
  bench.GetToken();
  bench.Submit(Job(1, "p"));
  bench.Submit(Job(2, "q"));
  bench.Step();
  bench.Answer("/p", Json(Nested(513)));
  EXPECT_THAT(bench.ended, ElementsAre("1: unreadable-response 200 (1 attempts)"));
  bench.Answer("/q", Json(Nested(512)));
  bench.Answer("/d-q", Json("{}"));
  EXPECT_EQ(bench.ended.at(1), "2: process=" + Nested(512) + " dossier={} (2 attempts)");
}

}  // namespace
}  // namespace consumer
