#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/rfc3339.h"
#include "common/base/sha256.h"
#include "common/domain/identity.h"
#include "tests/support/http_client.h"
#include "tests/system/fixture.h"

namespace tests {
namespace {

using common::LastHeader;
using testing::ElementsAre;
using testing::IsEmpty;

class DeadLetter : public SystemTest {
 protected:
  [[nodiscard]] int Send(const std::string& provider, const std::string& body) const {
    return Post(pipeline.target() + "/" + provider, body,
                {{"Authorization", Pipeline::kAuthorization}, {"Content-Type", "text/odd"}})
        .status;
  }

  /// Returns the only dead letter, once consumer has disposed of everything.
  Record TheLetter() {
    EXPECT_TRUE(pipeline.AwaitAllDisposed());
    const std::vector<Record> letters = pipeline.DeadLetters();
    EXPECT_EQ(letters.size(), 1U);
    return letters.empty() ? Record{} : letters.front();
  }

  /// Expects the source's headers first, in order. Returns the headers after them, except time and
  /// transaction.
  static std::vector<std::string> DeadHeaders(const Record& letter, const Record& source) {
    std::vector<std::string> own;
    for (std::size_t i = 0; i < letter.headers.size(); ++i) {
      const common::RecordHeader& header = letter.headers[i];
      if (i < source.headers.size()) {
        EXPECT_EQ(header, source.headers[i]);
      } else if (header.name == common::header::kDeadFailedAt) {
        EXPECT_TRUE(common::ParseRfc3339(header.value)) << header.value;
      } else if (header.name == common::header::kInstance ||
                 header.name == common::header::kTransaction) {
        EXPECT_NE(header.value, "") << header.name;
      } else {
        own.push_back(header.name + "=" + header.value);
      }
    }
    return own;
  }

  std::vector<std::string> PlaceHeaders(const Record& source) {
    return {"dead.topic=" + pipeline.topics().callbacks,
            "dead.partition=" + std::to_string(source.partition),
            "dead.offset=" + std::to_string(source.offset), "dead.redrives=0"};
  }
};

TEST_F(DeadLetter, HoldsAnUnreadableCallbackThatWasAnswered200) {
  pipeline.StartIngest();
  pipeline.StartConsumer();
  const std::string body = "{\"processId\": 7, oh dear";
  ASSERT_EQ(Send("onfido", body), 200);

  const Record letter = TheLetter();
  const std::vector<Record> callbacks = pipeline.Callbacks();
  ASSERT_EQ(callbacks.size(), 1U);
  EXPECT_EQ(letter.key, common::Sha256Hex(body));
  EXPECT_EQ(letter.value, body);
  EXPECT_EQ(LastHeader(letter.headers, "content-type"), "text/odd");
  std::vector<std::string> expected{"dead.reason=malformed", "dead.attempts=0"};
  for (const std::string& header : PlaceHeaders(callbacks[0])) expected.push_back(header);
  EXPECT_THAT(DeadHeaders(letter, callbacks[0]), testing::ElementsAreArray(expected));

  const std::vector<Record> markers = pipeline.Markers();
  ASSERT_EQ(markers.size(), 1U);
  EXPECT_EQ(markers[0].key, common::IdentityOfUnreadable("onfido", body).view());
  EXPECT_EQ(LastHeader(markers[0].headers, common::header::kOutcome), "dead");
  EXPECT_THAT(Keys(pipeline.Results()), IsEmpty());
}

TEST_F(DeadLetter, IsNotRepeatedByARedelivery) {
  pipeline.StartIngest();
  pipeline.StartConsumer();
  ASSERT_EQ(Send("paper", "not json"), 200);
  ASSERT_EQ(Send("paper", "not json"), 200);
  TheLetter();
  EXPECT_EQ(pipeline.CountCallbacks(), 2);
}

TEST_F(DeadLetter, HoldsACallbackWhoseProcessStaysMissing) {
  pipeline.fetch["not_found_for"] = "500ms";
  pipeline.StartIngest();
  pipeline.StartConsumer();
  pipeline.Behave(R"({"missing":["gone-process"]})");
  ASSERT_EQ(Send("eid", R"({"dossierId":"d","processId":"gone-process","status":"accepted"})"),
            200);
  ASSERT_EQ(Send("eid", R"({"dossierId":"d","processId":"process","status":"accepted"})"), 200);

  const Record letter = TheLetter();
  EXPECT_EQ(letter.key, "gone-process");
  EXPECT_EQ(LastHeader(letter.headers, common::header::kDeadReason), "gone");
  EXPECT_EQ(LastHeader(letter.headers, common::header::kDeadHttpStatus), "404");
  EXPECT_EQ(LastHeader(letter.headers, common::header::kDeadTraceId).value_or("").size(), 32U);
  EXPECT_GE(std::stoi(std::string(
                LastHeader(letter.headers, common::header::kDeadAttempts).value_or("0"))),
            2);
  EXPECT_THAT(NamesOf(pipeline.Results()), ElementsAre("eid d process accepted"));
}

}  // namespace
}  // namespace tests
