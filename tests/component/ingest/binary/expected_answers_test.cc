#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "tests/component/ingest/support/raw_connection.h"
#include "tests/component/ingest/support/running_ingest.h"
#include "tests/support/http_client.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

// The route of announcements over real sockets, without a broker: whatever is right is answered
// 503.
namespace ingest {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr std::string_view kPath = "/expected";
const std::string kBody = R"({"dossierId":"d","processId":"p","provider":"onfido"})";

class ExpectedAnswersTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory = std::make_unique<tests::TempDirectory>();
    const auto secrets = directory->Write("expected", "secret-1\nsecret-2\n");
    ingest = std::make_unique<RunningIngest>(RunningIngest::Options{
        .more = "expected: { path: /expected, authorization_file: " + secrets.string() +
                " }\n"
                "header_timeout: 400ms\n"
                "body_timeout: 400ms\n"
                "max_body: 1KiB\n"
                "max_head: 2KiB\n"});
  }
  static void TearDownTestSuite() {
    ingest.reset();
    directory.reset();
  }

  static std::string Ask(const std::string& request) {
    RawConnection connection(ingest->port());
    connection.Send(request);
    return Summary(connection.ReadAnswer());
  }
  static std::string Post(const std::string& body, const std::string& secret = "secret-1") {
    return Ask(PostOf(kPath, secret, body));
  }
  /// kBody with white space at its end.
  static std::string OfSize(std::size_t size) {
    return kBody + std::string(size - kBody.size(), ' ');
  }

  static inline std::unique_ptr<tests::TempDirectory> directory;
  static inline std::unique_ptr<RunningIngest> ingest;
};

TEST_F(ExpectedAnswersTest, AreThoseOfTheTable) {
  EXPECT_EQ(Post(kBody), "503") << "no broker answers";
  EXPECT_EQ(Post(kBody, "secret-2"), "503");
  EXPECT_EQ(Post(kBody + "\r\n\r\n" + kBody), "503");
  EXPECT_EQ(Ask(PostOf("/expected/?x=1", "secret-1", kBody)), "503");
  EXPECT_EQ(Post(kBody, "onfido-secret"), "401");
  EXPECT_EQ(Post(kBody, ""), "401");
  EXPECT_EQ(Ask(PostOf(kPath, "secret-1", kBody, "Authorization: secret-1\r\n")), "401");
  EXPECT_EQ(Post("{}"), "400");
  EXPECT_EQ(Post(""), "400");
  EXPECT_EQ(Post(kBody + kBody), "400");
  for (const char* method : {"GET", "PUT", "DELETE", "OPTIONS", "PATCH", "FROBNICATE"}) {
    EXPECT_EQ(
        Ask(std::string(method) + " /expected HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
        "405 Allow: POST")
        << method;
  }
  EXPECT_EQ(Ask(PostOf("/expected/deeper", "secret-1", kBody)), "404");
  EXPECT_EQ(Ask(PostOf("/callbacks/expected", "secret-1", kBody)), "401");
  EXPECT_EQ(Ask("POST /expected HTTP/1.1\r\nHost: a\r\nAuthorization: secret-1\r\n\r\n"),
            "411 close");
}

TEST_F(ExpectedAnswersTest, HaveTheLineOfTheMistakeAsJson) {
  const auto answer = tests::Post(ingest->Url("/expected"), kBody + "\n\n{\"dossierId\":1}",
                                  {{"Authorization", "secret-1"}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.Field("Content-Type"), "application/json");
  EXPECT_EQ(answer.body, "{\"line\":3,\"what\":\"dossierId is not a text\"}\n");
}

TEST_F(ExpectedAnswersTest, KeepTheConnectionAfterAWrongBody) {
  RawConnection connection(ingest->port());
  connection.Send(PostOf(kPath, "secret-1", "{}") + PostOf(kPath, "secret-1", kBody) +
                  PostOf("/callbacks/onfido", "onfido-secret", "{}"));
  EXPECT_EQ(Summary(connection.ReadAnswer()), "400");
  EXPECT_EQ(Summary(connection.ReadAnswer()), "503");
  EXPECT_EQ(Summary(connection.ReadAnswer()), "503");
}

TEST_F(ExpectedAnswersTest, Are413OnlyForBodiesAboveTheLimit) {
  EXPECT_EQ(Post(OfSize(1024)), "503");
  EXPECT_EQ(Post(OfSize(1025)), "413 close");
  const std::string head =
      "POST /expected HTTP/1.1\r\nHost: a\r\nAuthorization: secret-1\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(Ask(head + "400\r\n" + OfSize(1024) + "\r\n0\r\n\r\n"), "503");
  EXPECT_EQ(Ask(head + "401\r\n" + OfSize(1025) + "\r\n0\r\n\r\n"), "413 close");
  EXPECT_EQ(Ask(PostOf(kPath, "nonsense", OfSize(1025))).substr(0, 3), "401") << "before the size";
}

TEST_F(ExpectedAnswersTest, Are408ForABodyThatDoesNotCome) {
  EXPECT_EQ(Ask("POST /expected HTTP/1.1\r\nHost: a\r\nAuthorization: secret-1\r\n"
                "Content-Length: 100\r\n\r\n{"),
            "408 close");
}

TEST_F(ExpectedAnswersTest, AreCountedApartFromThoseToCallbacks) {
  EXPECT_EQ(Post("[]"), "400");
  const std::string metrics = ingest->Metrics();
  EXPECT_THAT(metrics, HasSubstr("sluice_ingest_expected_total{outcome=\"stored\"} 0\n"));
  EXPECT_THAT(metrics, HasSubstr("sluice_ingest_expected_total{outcome=\"bad_request\"} "));
  EXPECT_THAT(metrics, HasSubstr("sluice_ingest_callbacks_total{outcome=\"refused\",provider="
                                 "\"paper\"} 0\n"));
  EXPECT_TRUE(ingest->process().WaitForOutput("\"event\":\"expected.refused\"", seconds(10)));
}

TEST(ExpectedConnectionsTest, AreASixteenthOfAllForBodiesThatDoNotCome) {
  const tests::TempDirectory directory;
  const auto secrets = directory.Write("expected", "secret-1\n");
  RunningIngest ingest({.more = "expected: { path: /expected, authorization_file: " +
                                secrets.string() + " }\nmax_connections: 32\nbody_timeout: 9s\n"});
  const std::string head =
      "POST /expected HTTP/1.1\r\nHost: a\r\nAuthorization: secret-1\r\n"
      "Expect: 100-continue\r\nContent-Length: 100\r\n\r\n";
  std::vector<RawConnection> slow;
  for (int i = 0; i < 2; ++i) {
    slow.emplace_back(ingest.port());
    slow.back().Send(head);
    EXPECT_EQ(Summary(slow.back().ReadAnswer()), "100") << "it is admitted";
  }
  RawConnection third(ingest.port());
  third.Send(head);
  EXPECT_EQ(Summary(third.ReadAnswer()), "503 close");
  EXPECT_EQ(tests::Post(ingest.Url("/callbacks/onfido"), "{}", {{"Authorization", "onfido-secret"}})
                .status,
            503)
      << "as ever without a broker";
  slow.clear();
  const auto is_admitted = [&] {
    RawConnection next(ingest.port());
    next.Send(head);
    return Summary(next.ReadAnswer()) == "100";
  };
  EXPECT_TRUE(tests::WaitUntil(is_admitted, seconds(20)));
}

TEST(ExpectedSecretsTest, AreReadAgainAtSighup) {
  const tests::TempDirectory directory;
  const auto secrets = directory.Write("expected", "old-secret\n");
  RunningIngest ingest(
      {.more = "expected: { path: /announce, authorization_file: " + secrets.string() + " }\n"});
  const auto status_of = [&](const char* secret) {
    return tests::Post(ingest.Url("/announce"), kBody, {{"Authorization", secret}}).status;
  };
  EXPECT_EQ(status_of("old-secret"), 503);
  EXPECT_EQ(status_of("new-secret"), 401);
  directory.Write("expected", "new-secret\n");
  ingest.process().Signal(SIGHUP);
  EXPECT_TRUE(tests::WaitUntil([&] { return status_of("new-secret") == 503; }, seconds(20)));
  EXPECT_EQ(status_of("old-secret"), 401);

  std::filesystem::remove(secrets);
  ingest.process().Signal(SIGHUP);
  EXPECT_TRUE(ingest.process().WaitForOutput("secrets.not_reloaded", seconds(20)));
  EXPECT_EQ(status_of("new-secret"), 503) << "the old values stay in force";
  EXPECT_THAT(ingest.process().StandardError(), ::testing::Not(HasSubstr("new-secret")));
}

TEST(ExpectedRouteTest, IsDisabledWithoutExpectedSection) {
  RunningIngest ingest({});
  EXPECT_EQ(tests::Post(ingest.Url("/expected"), kBody, {{"Authorization", "x"}}).status, 404);
}

}  // namespace
}  // namespace ingest
