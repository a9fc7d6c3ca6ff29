#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "common/base/guarded.h"
#include "common/base/rfc3339.h"
#include "common/base/text.h"
#include "common/http/server.h"
#include "common/json/callback_body.h"
#include "common/json/event_body.h"
#include "common/signature/signature.h"
#include "ops/ctl/run.h"
#include "tests/support/temp_directory.h"

namespace ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

/// Gives scripted answers and records the requests.
class Recorder : public common::http::Service {
 public:
  struct Seen {
    std::string request;  ///< Method and target.
    std::string authorization;
    std::string content_type;
    std::string body;
    std::map<std::string, std::string> fields;
  };

  common::http::Admission Admit(const common::http::RequestHead& /*head*/) override { return {}; }

  std::optional<common::http::Answer> Handle(const common::http::RequestHead& head,
                                             std::string_view body, std::uint32_t /*tag*/,
                                             const common::http::Ticket& /*ticket*/) override {
    seen.With([&](auto& all) {
      all.push_back({std::string(head.method) + " " + std::string(head.target),
                     std::string(head.Find("authorization").value_or("-")),
                     std::string(head.Find("content-type").value_or("-")),
                     std::string(body),
                     {}});
      for (const auto& [name, value] : head.fields) {
        all.back().fields.emplace(common::ToLowerAscii(std::string(name)), value);
      }
    });
    common::http::Answer answer;
    answer.status = status;
    return answer;
  }

  common::http::Answer AnswerFault(common::http::HttpFault fault,
                                   std::optional<std::uint32_t> /*tag*/) override {
    common::http::Answer answer;
    answer.status = common::http::DefaultStatus(fault);
    return answer;
  }

  int status = 200;
  common::Guarded<std::vector<Seen>> seen;
};

class SendTest : public testing::Test {
 protected:
  SendTest() : server_(*common::http::Server::Start({}, recorder_)) {}

  int Send(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     {"send", "--target", "http://127.0.0.1:" + std::to_string(server_->port())});
    std::ostringstream out;
    std::ostringstream err;
    const int status = ctl::Run({arguments.begin(), arguments.end()}, out, err);
    out_ = out.str();
    err_ = err.str();
    return status;
  }

  std::vector<Recorder::Seen> Seen() const {
    return recorder_.seen.With([](const auto& all) { return all; });
  }

  Recorder recorder_;
  std::string out_;
  std::string err_;
  std::unique_ptr<common::http::Server> server_;  // Last: its threads call the recorder.
};

TEST_F(SendTest, PostsACallbackAndPrintsTheAnswer) {
  EXPECT_EQ(Send({"--provider", "eid", "--authorization", "Bearer x", "--dossier", "d", "--process",
                  "p", "--status", "rejected"}),
            0);
  const auto seen = Seen();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].request, "POST /callbacks/eid");
  EXPECT_EQ(seen[0].authorization, "Bearer x");
  EXPECT_EQ(seen[0].content_type, "application/json");
  EXPECT_EQ(seen[0].body, R"({"dossierId":"d","processId":"p","status":"rejected"})");
  EXPECT_THAT(out_, MatchesRegex("200  dossier d  process p  rejected  [0-9]+ ms\n"));
}

TEST_F(SendTest, UsesNewIdsForEachCallback) {
  EXPECT_EQ(Send({"--provider", "eid", "--count", "2", "--json"}), 0);
  const auto seen = Seen();
  ASSERT_EQ(seen.size(), 2U);
  const auto first = common::json::ReadCallbackBody(seen[0].body);
  const auto second = common::json::ReadCallbackBody(seen[1].body);
  ASSERT_TRUE(first.IsReadable() && second.IsReadable());
  EXPECT_NE(first.process, second.process);
  EXPECT_NE(first.dossier, second.dossier);
  EXPECT_EQ(first.status, "accepted");
  EXPECT_THAT(out_, HasSubstr("\"processId\":\"" + second.process->str() + "\""));
  EXPECT_THAT(out_, HasSubstr("\"httpStatus\":200"));
}

TEST_F(SendTest, ReadsTheAuthorizationFromAFile) {
  const tests::TempDirectory directory;
  EXPECT_EQ(Send({"--provider", "eid", "--authorization-file",
                  directory.Write("auth", "Basic eDp5\n").string()}),
            0);
  EXPECT_EQ(Seen().at(0).authorization, "Basic eDp5");
}

TEST_F(SendTest, FailsUnlessEveryAnswerIs200) {
  for (const int status : {401, 503, 204, 302}) {
    recorder_.status = status;
    EXPECT_EQ(Send({"--provider", "eid"}), 1);
    EXPECT_THAT(out_, StartsWith(std::to_string(status) + "  "));
  }
}

TEST_F(SendTest, ReportsReasonForMissingAnswer) {
  server_.reset();
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(ctl::Run({"send", "--provider", "eid", "--target", "http://127.0.0.1:9"}, out, err), 1);
  EXPECT_THAT(out.str(), StartsWith("---  dossier "));
  EXPECT_THAT(out.str(), HasSubstr("Failed to connect"));
}

TEST_F(SendTest, SignsEventsAsTheRowSays) {
  const tests::TempDirectory directory;
  const std::string config = directory.Write(
      "ingest.yaml",
      "providers:\n"
      "  hooks: { kind: events, signature: { preset: standard-webhooks, secrets_file: /nowhere }, "
      "extract: { type: /event, dossierId: /data/dossierId, processId: /data/processId }, types: "
      "[done] }\n");
  const std::string secret = directory.Write("secret", "whsec_Zm9v\n");
  EXPECT_EQ(Send({"--provider", "hooks", "--config", config, "--signing-secret-file", secret,
                  "--process", "p-1", "--count", "2"}),
            0)
      << err_;
  const auto seen = Seen();
  ASSERT_EQ(seen.size(), 2U);
  const auto& fields = seen[0].fields;
  const std::vector<std::string> keys = {"foo"};
  EXPECT_EQ(VerifySignature(common::StandardWebhooks(), keys,
                            {.signature = fields.at("webhook-signature"),
                             .id = fields.at("webhook-id"),
                             .timestamp = fields.at("webhook-timestamp")},
                            seen[0].body, common::WallNow()),
            common::SignatureVerdict::kRight);
  EXPECT_NE(fields.at("webhook-id"), seen[1].fields.at("webhook-id"));
  const auto event = common::json::ReadEventBody(
      seen[0].body,
      {.type = {"event"}, .dossier = {"data", "dossierId"}, .process = {"data", "processId"}});
  EXPECT_EQ(event.type, "done");
  EXPECT_EQ(event.process->str(), "p-1");
  EXPECT_TRUE(event.dossier);
}

TEST_F(SendTest, RefusesToSignForARowWithoutASignature) {
  const tests::TempDirectory directory;
  const std::string config = directory.Write("ingest.yaml", "providers: {}\n");
  const std::string secret = directory.Write("secret", "s\n");
  EXPECT_EQ(Send({"--provider", "eid", "--config", config, "--signing-secret-file", secret}), 2);
  EXPECT_THAT(err_, HasSubstr("needs a --config whose row of --provider has a signature"));
}

}  // namespace
}  // namespace ctl
