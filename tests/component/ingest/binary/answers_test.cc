#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "common/domain/provider_rules.h"
#include "ingest/policy/answer.h"
#include "tests/component/ingest/support/raw_connection.h"
#include "tests/component/ingest/support/running_ingest.h"
#include "tests/support/http_client.h"

// Promise P3 over real sockets, without a broker: every situation that a client can cause,
// including the requests that the HTTP server answers by itself.
namespace ingest {
namespace {

using std::chrono::milliseconds;

struct Sender {
  const char* provider;
  const char* path;
  const char* secret;
};
const std::vector<Sender> kSenders = {
    {"onfido", "/callbacks/onfido", "onfido-secret"},
    {"eid", "/callbacks/signicatvideoid", "eid-secret"},
    {"readid", "/callbacks/ReadID/", "readid-secret"},
    {"paper", "/callbacks/paper", "paper-secret"},
    {"connect", "/callbacks/connect", ""},
    {"unknown", "/callbacks/typo", "onfido-secret"},
    {"unknown", "/callbacks", "onfido-secret"},
    {"unknown", "/callbacks/onfido/deeper", "readid-secret"},
};

std::string Head(const Sender& sender, const std::string& fields) {
  std::string head = std::string("POST ") + sender.path + " HTTP/1.1\r\nHost: a\r\n";
  if (*sender.secret != '\0') head += std::string("Authorization: ") + sender.secret + "\r\n";
  return head + fields + "\r\n";
}

class AnswersOverSocketsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ingest =
        std::make_unique<RunningIngest>(RunningIngest::Options{.more = "ack_deadline: 500ms\n"
                                                                       "header_timeout: 400ms\n"
                                                                       "body_timeout: 400ms\n"
                                                                       "max_body: 1KiB\n"
                                                                       "max_head: 2KiB\n"});
  }
  static void TearDownTestSuite() { ingest.reset(); }

  /// The table's answer, as Summary() renders it.
  static std::string Expected(Situation situation, const std::string& provider) {
    const ProviderAnswer verdict = AnswerFor(situation, Row(provider));
    return std::to_string(verdict.status) + (verdict.allow_post ? " Allow: POST" : "") +
           (verdict.close ? " close" : "");
  }
  static const common::ProviderRow& Row(const std::string& provider) {
    static const common::ProviderTable table;
    return table[table.Resolve(provider)];
  }

  /// Sends the request. Expects the table's answer, and that the connection closes if the table
  /// says so.
  static void Expect(const std::string& request, Situation situation, const std::string& provider) {
    RawConnection connection(ingest->port());
    connection.Send(request);
    const auto answer = connection.ReadAnswer();
    EXPECT_EQ(Summary(answer), Expected(situation, provider))
        << NameOf(situation) << " for " << provider << "\n"
        << request.substr(0, 200);
    if (AnswerFor(situation, Row(provider)).close) {
      EXPECT_TRUE(connection.WaitForClose()) << NameOf(situation) << " for " << provider;
    }
  }

  static inline std::unique_ptr<RunningIngest> ingest;
};

TEST_F(AnswersOverSocketsTest, AreTransientWhileNoBrokerAnswers) {
  for (const Sender& sender : kSenders) {
    Expect(PostOf(sender.path, sender.secret, "{}"), Situation::kUnavailable, sender.provider);
    Expect(PostOf(sender.path, sender.secret, ""), Situation::kUnavailable, sender.provider);
    Expect(Head(sender, "Transfer-Encoding: chunked\r\n") + "2\r\n{}\r\n0\r\n\r\n",
           Situation::kUnavailable, sender.provider);
    Expect(PostOf(std::string(sender.path) + "?query=1", sender.secret, "{}"),
           Situation::kUnavailable, sender.provider);
    Expect(PostOf(sender.path, sender.secret, "\xFF\xFE",
                  "Content-Type: image/png\r\nAccept: text/html\r\nContent-Encoding: br\r\n"),
           Situation::kUnavailable, sender.provider);
  }
}

TEST_F(AnswersOverSocketsTest, Are401WithoutExactlyOneValidAuthorization) {
  for (const Sender& sender : kSenders) {
    if (*sender.secret == '\0') continue;
    Expect(PostOf(sender.path, "", "{}"), Situation::kUnauthorized, sender.provider);
    Expect(PostOf(sender.path, "nonsense", "{}"), Situation::kUnauthorized, sender.provider);
    Expect(PostOf(sender.path, sender.secret, "{}",
                  std::string("Authorization: ") + sender.secret + "\r\n"),
           Situation::kUnauthorized, sender.provider);
  }
  Expect(PostOf("/callbacks/webid", "onfido-secret", "{}"), Situation::kUnauthorized, "webid");
}

TEST_F(AnswersOverSocketsTest, RefuseOtherMethodsByTheProvidersRules) {
  for (const Sender& sender : kSenders) {
    for (const char* method : {"GET", "PUT", "DELETE", "OPTIONS", "PATCH", "FROBNICATE"}) {
      Expect(std::string(method) + " " + sender.path +
                 " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
             Situation::kWrongMethod, sender.provider);
    }
  }
}

TEST_F(AnswersOverSocketsTest, Are404OutsidePrefixForEveryMethod) {
  for (const char* path : {"/", "/callback", "/callbacksonfido", "/metrics", "/wp-login.php"}) {
    Expect(PostOf(path, "onfido-secret", "{}"), Situation::kOutsidePrefix, "unknown");
    Expect(std::string("GET ") + path + " HTTP/1.1\r\nHost: a\r\n\r\n", Situation::kOutsidePrefix,
           "unknown");
  }
}

TEST_F(AnswersOverSocketsTest, Are413OnlyForBodiesAboveTheLimit) {
  const std::string largest(1024, 'x');
  for (const Sender& sender : kSenders) {
    Expect(PostOf(sender.path, sender.secret, largest), Situation::kUnavailable, sender.provider);
    Expect(PostOf(sender.path, sender.secret, largest + "x"), Situation::kBodyTooLarge,
           sender.provider);
    Expect(Head(sender, "Transfer-Encoding: chunked\r\n") + "401\r\n" + largest + "x\r\n0\r\n\r\n",
           Situation::kBodyTooLarge, sender.provider);
  }
}

TEST_F(AnswersOverSocketsTest, Are431AndNever414ForAHeadAboveTheLimit) {
  for (const Sender& sender : kSenders) {
    Expect(Head(sender, "X-Padding: " + std::string(3000, 'x') + "\r\n"), Situation::kHeadTooLarge,
           "unknown");
    Expect("POST " + std::string(sender.path) + "/" + std::string(3000, 'x') + " HTTP/1.1\r\n\r\n",
           Situation::kHeadTooLarge, "unknown");
  }
}

TEST_F(AnswersOverSocketsTest, Are411WithoutALengthAnd400ForBrokenFraming) {
  const std::vector<std::string> broken = {
      "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
      "Content-Length: 2\r\nContent-Length: 3\r\n",
      "Content-Length: two\r\n",
      "Content-Length : 2\r\n",
      "Transfer-Encoding: gzip\r\n",
      "Content-Length: 2\n",
      " folded: x\r\nContent-Length: 2\r\n",
  };
  for (const Sender& sender : kSenders) {
    RawConnection without_length(ingest->port());
    without_length.Send(Head(sender, ""));
    EXPECT_EQ(StatusOf(without_length.ReadAnswer()), 411) << sender.path;
    for (const std::string& fields : broken) {
      Expect(Head(sender, fields) + "{}", Situation::kMalformed, sender.provider);
    }
    Expect(Head(sender, "Transfer-Encoding: chunked\r\n") + "zz\r\n{}\r\n0\r\n\r\n",
           Situation::kMalformed, sender.provider);
  }
  Expect("\x16\x03\x01\x02 not HTTP at all\r\n\r\n", Situation::kMalformed, "unknown");
}

TEST_F(AnswersOverSocketsTest, Are408ForASlowOrAbortedHeadOrBody) {
  for (const Sender& sender : kSenders) {
    Expect("POST " + std::string(sender.path), Situation::kHeadTooSlow, "unknown");
    Expect(Head(sender, "Content-Length: 5\r\n") + "{", Situation::kBodyTooSlow, sender.provider);
    RawConnection early(ingest->port());
    early.Send(Head(sender, "Content-Length: 5\r\n") + "{");
    early.EndSending();
    EXPECT_EQ(StatusOf(early.ReadAnswer()), 408) << sender.path;
  }
}

TEST_F(AnswersOverSocketsTest, KeepTheConnectionOpenByDefault) {
  RawConnection connection(ingest->port());
  for (int request = 0; request < 3; ++request) {
    connection.Send(PostOf("/callbacks/readid", "readid-secret", "{}"));
    EXPECT_EQ(Summary(connection.ReadAnswer()), "429");
    connection.Send(PostOf("/callbacks/readid", "wrong", "{}"));
    EXPECT_EQ(Summary(connection.ReadAnswer()), "401");
  }
}

TEST_F(AnswersOverSocketsTest, KeepTheOrderOfPipelinedRequests) {
  RawConnection connection(ingest->port());
  connection.Send(PostOf("/callbacks/onfido", "onfido-secret", "{}") +
                  PostOf("/callbacks/readid", "readid-secret", "{}") +
                  PostOf("/callbacks/readid", "wrong", "{}"));
  EXPECT_EQ(StatusOf(connection.ReadAnswer()), 503);
  EXPECT_EQ(StatusOf(connection.ReadAnswer()), 429);
  EXPECT_EQ(StatusOf(connection.ReadAnswer()), 401);
}

TEST_F(AnswersOverSocketsTest, AreCountedOnlyUnderKnownProviders) {
  RawConnection connection(ingest->port());
  connection.Send(PostOf("/callbacks/nobody-knows-this-name", "onfido-secret", "{}"));
  ASSERT_EQ(StatusOf(connection.ReadAnswer()), 429);
  const std::string metrics = ingest->Metrics();
  EXPECT_EQ(metrics.find("nobody-knows"), std::string::npos);
  EXPECT_NE(metrics.find("sluice_ingest_answers_total{provider=\"unknown\",status=\"429\"}"),
            std::string::npos);
}

TEST_F(AnswersOverSocketsTest, LogNoSecretBodyOrQuery) {
  Expect(PostOf("/callbacks/onfido?hunter2=hunter2", "hunter2", "hunter2"),
         Situation::kUnauthorized, "onfido");
  Expect(PostOf("/callbacks/onfido?hunter2", "onfido-secret", "hunter2"), Situation::kUnavailable,
         "onfido");
  EXPECT_EQ(ingest->process().StandardError().find("hunter2"), std::string::npos);
  EXPECT_EQ(ingest->process().StandardError().find("onfido-secret"), std::string::npos);
}

class ConnectionsBeyondTheLimit : public ::testing::TestWithParam<int> {
 protected:
  RunningIngest ingest{
      {.more = "max_connections: 2\nthreads: " + std::to_string(GetParam()) + "\n"}};
};

INSTANTIATE_TEST_SUITE_P(Threads, ConnectionsBeyondTheLimit, ::testing::Values(1, 2, 4),
                         ::testing::PrintToStringParamName());

TEST_P(ConnectionsBeyondTheLimit, AreAnswered429) {
  RawConnection first(ingest.port());
  RawConnection second(ingest.port());
  for (RawConnection* connection : {&first, &second}) {
    connection->Send(PostOf("/callbacks/onfido", "onfido-secret", "{}"));
    ASSERT_EQ(StatusOf(connection->ReadAnswer()), 503);
    connection->Send(Head(kSenders[0], "Expect: 100-continue\r\nContent-Length: 2\r\n"));
    ASSERT_EQ(StatusOf(connection->ReadAnswer()), 100) << "both connections are busy";
  }
  RawConnection third(ingest.port());
  EXPECT_EQ(Summary(third.ReadAnswer()), "429 close");
  EXPECT_TRUE(third.WaitForClose());
}

TEST_P(ConnectionsBeyondTheLimit, ReplaceIdleConnections) {
  RawConnection stranger(ingest.port());
  stranger.Send(PostOf("/callbacks/onfido", "wrong", "{}"));
  ASSERT_EQ(StatusOf(stranger.ReadAnswer()), 401);
  RawConnection kept(ingest.port());
  kept.Send(PostOf("/callbacks/onfido", "onfido-secret", "{}"));
  ASSERT_EQ(StatusOf(kept.ReadAnswer()), 503);
  std::list<RawConnection> senders;
  for (RawConnection* const idle : {&stranger, &kept}) {
    RawConnection& sender = senders.emplace_back(ingest.port());
    sender.Send(Head(kSenders[0], "Expect: 100-continue\r\nContent-Length: 2\r\n"));
    EXPECT_EQ(StatusOf(sender.ReadAnswer()), 100);
    EXPECT_TRUE(idle->WaitForClose());
    sender.Send("{}");
    EXPECT_EQ(StatusOf(sender.ReadAnswer()), 503);
  }
  EXPECT_NE(ingest.Metrics().find("sluice_ingest_connections_evicted_total 2"), std::string::npos);
  EXPECT_TRUE(ingest.process().WaitForOutput("connection.evicted", milliseconds(10'000)));
}

}  // namespace
}  // namespace ingest
