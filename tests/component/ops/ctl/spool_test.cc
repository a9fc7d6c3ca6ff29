#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/base/sha256.h"
#include "ingest/spool/spool_database.h"
#include "tests/component/ops/ctl/spool_fixture.h"

namespace ctl {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string Object(const std::string& id, const std::string& key, const std::string& rest) {
  return R"({"requestId":")" + id + R"(","provider":"paper",)" + key +
         R"(,"authenticatedAs":null,"eventId":null,"receivedAt":"2023-11-14T22:13:20.123Z","refusedAt":"2023-11-14T22:13:21.000Z",)"
         R"("reason":"MSG_SIZE_TOO_LARGE",)" +
         rest + "}";
}

std::string Plain(const std::string& id, const std::string& rest) {
  return Object(id, R"("key":"key-)" + id + "\"", rest);
}

constexpr const char* kNulls = R"("contentType":null,"traceparent":null)";

std::string Of(int bytes, const std::string& body, const std::string& retry = "false") {
  return R"("retry":)" + retry + R"(,"bytes":)" + std::to_string(bytes) + "," + kNulls + body;
}

TEST_F(SpoolCommandTest, ListsCallbacksWithoutBodies) {
  KeepThree();
  ASSERT_EQ(*refused.MarkForRetry("r2"), 1U);
  EXPECT_EQ(Spool({"list"}), 0) << err;
  EXPECT_EQ(
      out,
      "REQUEST ID  PROVIDER  KEY     EVENT ID  RECEIVED                  REFUSED            "
      "       BYTES  REASON\n"
      "r1          paper     key-r1  -         2023-11-14T22:13:20.123Z  2023-11-14T22:13:21.000Z  "
      "8 "
      "     MSG_SIZE_TOO_LARGE\n"
      "r2          paper     key-r2  -         2023-11-14T22:13:20.123Z  2023-11-14T22:13:21.000Z  "
      "1 "
      "     MSG_SIZE_TOO_LARGE (to be retried)\n"
      "r3          paper     key-r3  -         2023-11-14T22:13:20.123Z  2023-11-14T22:13:21.000Z  "
      "0 "
      "     MSG_SIZE_TOO_LARGE\n");
  EXPECT_EQ(Spool({"list", "--json"}), 0);
  EXPECT_EQ(out, "[\n" + Plain("r1", Of(8, "")) + ",\n" + Plain("r2", Of(1, "", "true")) + ",\n" +
                     Plain("r3", Of(0, "")) + "\n]\n");
  EXPECT_EQ(Spool({"list", "--json", "--id", "r3"}), 0);
  EXPECT_EQ(out, "[\n" + Plain("r3", Of(0, "")) + "\n]\n");
  EXPECT_EQ(err, "");
}

TEST_F(SpoolCommandTest, ListsEventIdFromHeader) {
  auto event = Sample("r1", "{}");
  event.envelope.event_id = "msg_7";
  Keep({event});
  EXPECT_EQ(Spool({"list"}), 0) << err;
  EXPECT_THAT(out, HasSubstr("key-r1  msg_7     2023"));
  EXPECT_EQ(Spool({"list", "--json"}), 0);
  EXPECT_THAT(out, HasSubstr(R"("key":"key-r1","authenticatedAs":null,"eventId":"msg_7",)"));
}

TEST_F(SpoolCommandTest, NamesOwnerOfSecretForCallbackWithoutRow) {
  auto callback = Sample("r1", "{}");
  callback.envelope.authenticated_as = "readid";
  Keep({callback});
  EXPECT_EQ(Spool({"list", "--json"}), 0) << err;
  EXPECT_THAT(out, HasSubstr(R"("authenticatedAs":"readid")"));
}

TEST_F(SpoolCommandTest, ShowsCallbacksWithBodies) {
  KeepThree();
  EXPECT_EQ(Spool({"show", "--id", "r1"}), 0) << err;
  EXPECT_EQ(out, Plain("r1", Of(8, "")) + "\nsecret-1\n");
  EXPECT_EQ(Spool({"show", "--json"}), 0);
  EXPECT_EQ(out, "[\n" + Plain("r1", Of(8, R"(,"body":"secret-1")")) + ",\n" +
                     Plain("r2", Of(1, R"(,"body":"x")")) + ",\n" +
                     Plain("r3", Of(0, R"(,"body":"")")) + "\n]\n");
  EXPECT_EQ(err, "");
}

TEST_F(SpoolCommandTest, ExportsEveryByteAndRemovesNothing) {
  using namespace std::string_literals;
  auto odd = Sample("r2", "\xff\x00\xed\xa0\x80"s);
  odd.envelope.key = "k\xe9";
  odd.envelope.content_type = "text/\xe9";
  odd.envelope.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  Keep({Sample("r1", "{\"a\":\"\xc3\xa9\\\"\"}\r\n\t\x7f\x00z"s), odd});
  EXPECT_EQ(Spool({"export"}), 0) << err;
  EXPECT_EQ(out, Plain("r1", Of(18,
                                ",\"body\":\"{\\\"a\\\":\\\"\xc3\xa9\\\\\\\"\\\"}\\r\\n\\t\x7f"
                                "\\u0000z\"")) +
                     "\n" +
                     Object("r2", R"("keyHex":"6be9")",
                            R"("retry":false,"bytes":5,"contentTypeHex":"746578742fe9",)"
                            R"("traceparent":"00-0af7651916cd43dd8448eb211c80319c-)"
                            R"(b7ad6b7169203331-01","bodyHex":"ff00eda080")") +
                     "\n");
  EXPECT_EQ(refused.Count()->records, 2U);
  EXPECT_EQ(refused.Count()->to_be_retried, 0U);
  EXPECT_EQ(Spool({"export", "--id", "r1", "--json"}), 0);
  EXPECT_THAT(out, AllOf(HasSubstr("\"r1\""), Not(HasSubstr("\"r2\""))));
}

TEST_F(SpoolCommandTest, ExportsSeveralBatchesInOrder) {
  std::vector<ingest::RefusedCallback> many;
  for (int i = 0; i < 300; ++i) many.push_back(Sample("r" + std::to_string(i), "x"));
  many.push_back(Sample("large-1", std::string(5'000'000, 'a')));
  many.push_back(Sample("large-2", std::string(5'000'000, 'b')));
  Keep(many);
  EXPECT_EQ(Spool({"export"}), 0) << err;
  std::istringstream lines(out);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_TRUE(line.starts_with(R"({"requestId":")" + many.at(count).envelope.request_id + "\""));
    EXPECT_GT(line.size(), many.at(count).envelope.body.size());
  }
  EXPECT_EQ(count, many.size());
}

TEST_F(SpoolCommandTest, MarksForRetryEachTime) {
  KeepThree();
  EXPECT_EQ(Spool({"retry", "--id", "r2"}), 0) << err;
  EXPECT_EQ(out,
            "1 callback will be offered to Kafka again: within a second if ingest runs, else at "
            "its next start\n");
  EXPECT_EQ(refused.Count()->to_be_retried, 1U);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Spool({"retry"}), 0) << err;
    EXPECT_THAT(out, HasSubstr("3 callbacks will be offered to Kafka again"));
    EXPECT_EQ(refused.Count()->to_be_retried, 3U);
  }
  EXPECT_EQ(Spool({"retry", "--json"}), 0);
  EXPECT_EQ(out, "{\"marked\":3}\n");
  EXPECT_EQ(refused.Count()->records, 3U);
}

TEST_F(SpoolCommandTest, ReportsAnUnknownId) {
  KeepThree();
  for (const std::string verb : {"list", "show", "retry", "export"}) {
    EXPECT_EQ(Spool({verb, "--id", "r\x1b"}), 1) << verb;
    EXPECT_EQ(out, "") << verb;
    EXPECT_EQ(err, "sluicectl: no refused callback has the request id r\\x1b\n") << verb;
  }
  EXPECT_EQ(refused.Count()->to_be_retried, 0U);
}

TEST_F(SpoolCommandTest, FailsIfItsOutputCannotBeWritten) {
  KeepThree();
  for (const char* verb : {"list", "show", "retry", "export"}) {
    std::ostringstream full;
    full.setstate(std::ios::badbit);
    std::ostringstream to_err;
    EXPECT_EQ(ctl::Run({"spool", verb, "--path", path}, full, to_err), 1) << verb;
    EXPECT_EQ(to_err.str(), "sluicectl: cannot write the output\n");
  }
}

std::string ContentOf(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_F(SpoolCommandTest, DropsNothingThatIsNotNamedAndConfirmed) {
  KeepThree();
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"drop"},
                                                    {"drop", "--yes"},
                                                    {"drop", "--all"},
                                                    {"drop", "--id", "r1"},
                                                    {"drop", "--id", "r1", "--all", "--yes"}}) {
    EXPECT_EQ(Spool(arguments), 2);
    EXPECT_EQ(out, "");
  }
  EXPECT_EQ(Spool({"drop", "--id", "r4", "--yes"}), 1);
  EXPECT_EQ(err, "sluicectl: no refused callback has the request id r4\n");
  EXPECT_EQ(refused.Count()->records, 3U);
  EXPECT_FALSE(std::filesystem::exists(path + ".dropped"));
}

TEST_F(SpoolCommandTest, DropsForGoodAndKeepsARecordWithoutPersonalData) {
  KeepThree();
  EXPECT_EQ(Spool({"drop", "--id", "r1", "--yes"}), 0) << err;
  EXPECT_EQ(out, "1 callback dropped; " + path + ".dropped says which\n");
  EXPECT_EQ(refused.Count()->records, 2U);
  const std::string record = ContentOf(path + ".dropped");
  EXPECT_THAT(record, testing::StartsWith(R"({"droppedAt":")"));
  EXPECT_THAT(
      record,
      testing::EndsWith(
          R"(","requestId":"r1","provider":"paper","receivedAt":"2023-11-14T22:13:20.123Z",)"
          R"("refusedAt":"2023-11-14T22:13:21.000Z","reason":"MSG_SIZE_TOO_LARGE",)"
          R"("bytes":8,"sha256":")" +
          common::Sha256Hex("secret-1") + "\"}\n"));
  EXPECT_THAT(record, AllOf(Not(HasSubstr("secret-1")), Not(HasSubstr("key-r1"))));
  EXPECT_THAT(ContentOf(refused.path()), Not(HasSubstr("secret-1"))) << "its bytes are overwritten";

  EXPECT_EQ(Spool({"drop", "--all", "--yes", "--json"}), 0) << err;
  EXPECT_EQ(out, "{\"dropped\":2,\"toBeRetried\":0}\n");
  EXPECT_EQ(refused.Count()->records, 0U);
  EXPECT_THAT(ContentOf(path + ".dropped"), testing::StartsWith(record)) << "lines are appended";
  EXPECT_EQ(Spool({"drop", "--all", "--yes"}), 0);
  EXPECT_EQ(out, "no callback is refused\n");
}

TEST_F(SpoolCommandTest, LeavesCallbacksThatAreToBeRetried) {
  KeepThree();
  ASSERT_EQ(*refused.MarkForRetry("r2"), 1U);
  EXPECT_EQ(Spool({"drop", "--all", "--yes"}), 3) << err;
  EXPECT_EQ(out, "2 callbacks dropped; " + path +
                     ".dropped says which\n1 callback not dropped: to be retried, so ingest may "
                     "have them in the spool again\n");
  EXPECT_EQ(refused.Count()->records, 1U);
  EXPECT_EQ(refused.Count()->to_be_retried, 1U);
  EXPECT_EQ(Spool({"drop", "--id", "r2", "--yes"}), 3);
}

TEST_F(SpoolCommandTest, DropsNothingWithoutARecord) {
  KeepThree();
  std::filesystem::create_directory(path + ".dropped");
  EXPECT_EQ(Spool({"drop", "--all", "--yes"}), 1);
  EXPECT_THAT(err, HasSubstr("so nothing was dropped"));
  EXPECT_EQ(refused.Count()->records, 3U);
}

TEST_F(SpoolCommandTest, RecoversTheWaitingCallbacksOfASpool) {
  const std::string into = (directory.path() / "new.db").string();
  EXPECT_EQ(Spool({"recover", "--into", into}), 1);
  EXPECT_EQ(err, "sluicectl: there is no file " + path + "\n");
  EXPECT_EQ(Spool({"recover"}), 2);
  {
    auto database = ingest::SpoolDatabase::Open({.path = path});
    ASSERT_TRUE(database) << database.error().detail;
    ingest::SpooledCallback callback{
        .sequence = 7, .size = 10, .envelope = Sample("r", "x").envelope};
    ASSERT_TRUE((*database)->Append({&callback, 1}));
  }
  EXPECT_EQ(Spool({"recover", "--into", into}), 0) << err;
  EXPECT_EQ(out, "1 callback is in " + into + "\n");
  EXPECT_EQ(Spool({"recover", "--into", into}), 1);
  EXPECT_EQ(err, "sluicectl: " + into + " exists already\n");
  EXPECT_EQ(Spool({"recover", "--json", "--into", into + "2"}), 0) << err;
  EXPECT_EQ(out, "{\"recovered\":1,\"unreadable\":0}\n");
}

TEST_F(SpoolCommandTest, EscapesControlCharacters) {
  auto odd = Sample("r\x1b[2J", "\x1b[2J\xc2\x9b");
  odd.envelope.key = odd.envelope.provider = odd.reason = "\x1b[2J\xc2\x9b";
  Keep({odd});
  for (const std::string verb : {"list", "show"}) {
    EXPECT_EQ(Spool({verb}), 0) << err;
    EXPECT_THAT(out, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\xc2\x9b")))) << verb;
  }
}

}  // namespace
}  // namespace ctl
