#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <string>

#include "common/base/rfc3339.h"
#include "common/signature/signature.h"
#include "ingest/policy/answer.h"
#include "tests/component/ingest/support/raw_connection.h"
#include "tests/component/ingest/support/running_ingest.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

// The answers to signed events over real sockets, without a broker: a right signature gets the
// transient status of the row, as a right Authorization does, and every other one 401.
namespace ingest {
namespace {

using std::chrono::milliseconds;

const common::SignatureRule kHex = {.header = "x-signature", .prefix = "sha256="};
const common::SignatureRule kHooks = common::StandardWebhooks();

class SignedAnswersTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory = std::make_unique<tests::TempDirectory>();
    secrets = directory->Write("events", "key-of-file\n").string();
    ingest = std::make_unique<RunningIngest>(RunningIngest::Options{
        .more = "ack_deadline: 500ms\nheader_timeout: 400ms\nbody_timeout: 400ms\n"
                "max_body: 1KiB\nmax_head: 2KiB\n",
        .more_providers =
            "  events: { kind: events, signature: { header: X-Signature, prefix: sha256=, secrets: "
            "[key-in-line], secrets_file: " +
            secrets +
            " }, extract: { id: /id, dossierId: /data/dossierId, processId: /data/processId } }\n"
            "  both: { kind: events, fetch: none, authorization: [both-secret], signature: { "
            "header: X-Signature, prefix: sha256=, secrets: [both-key] } }\n"
            "  hooks: { kind: events, fetch: none, signature: { preset: standard-webhooks, "
            "secrets: [whsec_aG9va3Mta2V5], tolerance: 1m } }\n"
            "  strict: { kind: events, fetch: none, transient_status: 429, signature: { preset: "
            "onfido, secrets: [onfido-key] } }\n"});
  }
  static void TearDownTestSuite() {
    ingest.reset();
    directory.reset();
  }

  /// Status and text of the answer.
  static std::string Answer(const std::string& request) {
    RawConnection connection(ingest->port());
    connection.Send(request);
    const auto answer = connection.ReadAnswer();
    if (!answer) return "nothing";
    const std::size_t body = answer->find("\r\n\r\n");
    if (StatusOf(answer) == 401) {
      EXPECT_NE(answer->find("WWW-Authenticate: Bearer"), std::string::npos) << *answer;
    }
    return Summary(answer) + " " +
           answer->substr(body + 4, answer->find('\n', body + 4) - body - 4);
  }
  static std::string Signed(const std::string& path, const std::string& key,
                            const std::string& body, const std::string& more = "",
                            const std::string& authorization = "") {
    return PostOf(path, authorization, body,
                  "X-Signature: " + Sign(kHex, key, "", "", body) + "\r\n" + more);
  }
  /// An event of Standard Webhooks that was signed so many seconds ago.
  static std::string Hook(std::int64_t seconds_ago, const std::string& body = "{}") {
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(common::WallNow().time_since_epoch());
    const std::string timestamp = std::to_string(now.count() - seconds_ago);
    return PostOf("/callbacks/hooks", "", body,
                  "webhook-id: msg_1\r\nwebhook-timestamp: " + timestamp +
                      "\r\nwebhook-signature: v1,AAAA " +
                      Sign(kHooks, "hooks-key", "msg_1", timestamp, body) + "\r\n");
  }

  static inline std::unique_ptr<tests::TempDirectory> directory;
  static inline std::string secrets;
  static inline std::unique_ptr<RunningIngest> ingest;
};

constexpr const char* kTransient = "503 not stored, send it again";
constexpr const char* kWrong = "401 wrong signature";
constexpr const char* kMissing = "401 signature missing";

TEST_F(SignedAnswersTest, AreTransientForRightSignaturesWhileNoBrokerAnswers) {
  EXPECT_EQ(Answer(Signed("/callbacks/events", "key-in-line", "{}")), kTransient);
  EXPECT_EQ(Answer(Signed("/callbacks/Events/", "key-of-file", "")), kTransient);
  EXPECT_EQ(Answer(Signed("/callbacks/events", "key-in-line", "\xFF\xFE")), kTransient);
  EXPECT_EQ(Answer(Hook(0)), kTransient);
  EXPECT_EQ(
      Answer(PostOf("/callbacks/strict", "", "{}",
                    "x-sha2-signature: " +
                        common::Sign({.header = "x-sha2-signature"}, "onfido-key", "", "", "{}") +
                        "\r\n")),
      "429 not stored, send it again");
}

TEST_F(SignedAnswersTest, JudgeAChunkedBodyAsAWhole) {
  const std::string head = "POST /callbacks/events HTTP/1.1\r\nHost: a\r\nX-Signature: " +
                           Sign(kHex, "key-in-line", "", "", "{ }") +
                           "\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(Answer(head + "1\r\n{\r\n2;x=y\r\n }\r\n0\r\n\r\n"), kTransient);
  EXPECT_EQ(Answer(head + "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"), kWrong);
}

TEST_F(SignedAnswersTest, Are401ForEveryOtherSignature) {
  EXPECT_EQ(Answer(PostOf("/callbacks/events", "", "{}")), kMissing);
  EXPECT_EQ(Answer(PostOf("/callbacks/events", "key-in-line", "{}")), kMissing)
      << "Authorization is no signature";
  EXPECT_EQ(Answer(Signed("/callbacks/events", "key-in-line", "{}", "x-signature: sha256=00\r\n")),
            kMissing)
      << "sent twice";
  EXPECT_EQ(Answer(Signed("/callbacks/events", "another-key", "{}")), kWrong);
  EXPECT_EQ(Answer(PostOf("/callbacks/events", "", "{}", "X-Signature: sha256=\r\n")), kWrong);
  EXPECT_EQ(Answer(PostOf("/callbacks/events", "", "{}", "X-Signature:\r\n")), kWrong);
}

TEST_F(SignedAnswersTest, Are401OutsideTheToleranceOfASignedTime) {
  EXPECT_EQ(Answer(Hook(30)), kTransient);
  EXPECT_EQ(Answer(Hook(-30)), kTransient);
  EXPECT_EQ(Answer(Hook(120)), "401 signed at another time");
  EXPECT_EQ(Answer(Hook(-120)), "401 signed at another time");
}

TEST_F(SignedAnswersTest, NeedBothWhereTheRowAsksForBoth) {
  EXPECT_EQ(Answer(Signed("/callbacks/both", "both-key", "{}", "", "both-secret")), kTransient);
  EXPECT_EQ(Answer(Signed("/callbacks/both", "both-key", "{}")), "401 unauthorized");
  EXPECT_EQ(Answer(PostOf("/callbacks/both", "both-secret", "{}")), kMissing);
  EXPECT_EQ(Answer(PostOf("/callbacks/typo", "both-secret", "{}")), "401 unauthorized");
  EXPECT_EQ(Answer(Signed("/callbacks/typo", "key-in-line", "{}")), "401 unauthorized")
      << "a mistyped name has no signature";
}

// Framing, head, prefix, method, Authorization, size, signature, durability.
TEST_F(SignedAnswersTest, FollowTheOrderOfTheChecks) {
  const std::string large(1025, 'x');
  EXPECT_EQ(Answer("GET /callbacks/events HTTP/1.1\r\nHost: a\r\n\r\n"),
            "405 Allow: POST only POST is allowed");
  EXPECT_EQ(Answer(Signed("/callbacks/both", "both-key", large)), "401 unauthorized")
      << "Authorization before the size";
  EXPECT_EQ(Answer(PostOf("/callbacks/events", "", large)), "413 close body too large")
      << "the size before the signature";
  EXPECT_EQ(Answer(PostOf("/callbacks/both", "both-secret", large)), "413 close body too large");
  EXPECT_EQ(Answer(PostOf("/callbacks/events", "", "{}", "Content-Length: 3\r\n")),
            "400 close malformed request");
  EXPECT_EQ(Answer("POST /callbacks/events HTTP/1.1\r\nHost: a\r\n\r\n"),
            "411 close length required");
  EXPECT_EQ(Answer("POST /callbacks/events HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{"),
            "408 close body incomplete");
}

TEST_F(SignedAnswersTest, KeepTheConnectionAfterAWrongSignature) {
  RawConnection connection(ingest->port());
  for (int i = 0; i < 2; ++i) {
    connection.Send(Signed("/callbacks/events", "another-key", "{}"));
    EXPECT_EQ(Summary(connection.ReadAnswer()), "401");
    connection.Send(Signed("/callbacks/events", "key-in-line", "{}"));
    EXPECT_EQ(Summary(connection.ReadAnswer()), "503");
  }
}

TEST_F(SignedAnswersTest, FollowTheSecretsFileOnSighup) {
  directory->Write("events", "key-of-file\nnew-key\n");
  EXPECT_EQ(Answer(Signed("/callbacks/events", "new-key", "{}")), kWrong);
  ::kill(ingest->process().pid(), SIGHUP);
  EXPECT_TRUE(tests::WaitUntil(
      [] { return Answer(Signed("/callbacks/events", "new-key", "{}")) == kTransient; },
      milliseconds(20'000)));
  EXPECT_EQ(Answer(Signed("/callbacks/events", "key-of-file", "{}")), kTransient);
}

TEST_F(SignedAnswersTest, TellNoSecretAndNoSignature) {
  const std::string body = "hunter2";
  EXPECT_EQ(Answer(PostOf("/callbacks/events", "", body, "X-Signature: sha256=abcdefabcdef\r\n")),
            kWrong);
  EXPECT_TRUE(ingest->process().WaitForOutput("wrong_signature", milliseconds(20'000)));
  const std::string log = ingest->process().StandardError();
  const std::string metrics = ingest->Metrics();
  for (const char* secret : {"hunter2", "abcdefabcdef", "key-in-line", "key-of-file", "aG9va3M"}) {
    EXPECT_EQ(log.find(secret), std::string::npos) << secret;
    EXPECT_EQ(metrics.find(secret), std::string::npos) << secret;
  }
  EXPECT_NE(metrics.find("sluice_ingest_signatures_refused_total{provider=\"events\",reason=\"wrong"
                         "\"}"),
            std::string::npos);
}

}  // namespace
}  // namespace ingest
