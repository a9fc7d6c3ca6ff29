#include "consumer/fetch/shared_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/consumer/fetch/scripted_transport.h"

namespace consumer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

HttpRequest Request(std::uint64_t id, const std::string& url) {
  HttpRequest request;
  request.id = id;
  request.url = url;
  return request;
}

HttpReply Reply(const std::string& body) {
  HttpReply reply;
  reply.status = 200;
  reply.body = body;
  return reply;
}

std::vector<std::string> Texts(const std::vector<HttpReply>& replies) {
  std::vector<std::string> texts;
  for (const HttpReply& reply : replies) {
    texts.push_back(std::to_string(reply.id) + " " + reply.body);
  }
  return texts;
}

TEST(SharedTransport, GivesEachAccountItsOwnReplies) {
  ScriptedTransport transport;
  SharedTransport shared(transport, 2);
  shared.Of(0).Start(Request(1, "of 0"));
  shared.Of(1).Start(Request(1, "of 1"));
  ASSERT_EQ(transport.under_way().size(), 2U);
  EXPECT_NE(transport.under_way()[0].id, transport.under_way()[1].id);
  EXPECT_EQ(transport.under_way()[0].account, 0U);
  EXPECT_EQ(transport.under_way()[1].account, 1U);

  transport.Answer(0, Reply("for 0"));
  transport.Answer(0, Reply("for 1"));
  EXPECT_THAT(Texts(shared.Of(0).Collect()), ElementsAre("1 for 0"));
  EXPECT_THAT(Texts(shared.Of(0).Collect()), IsEmpty());
  EXPECT_THAT(Texts(shared.Of(1).Collect()), ElementsAre("1 for 1"));
}

TEST(SharedTransport, DropsCancelledRequestAndItsReply) {
  ScriptedTransport transport;
  SharedTransport shared(transport, 3);
  shared.Of(2).Start(Request(5, "first"));
  shared.Of(2).Start(Request(6, "second"));
  shared.Of(2).Cancel(5);
  EXPECT_THAT(transport.cancelled(), ElementsAre(5 * 3 + 2));
  transport.Answer(0, Reply("late"));
  EXPECT_THAT(shared.Of(0).Collect(), IsEmpty()) << "but it has been handed to the other part";
  shared.Of(2).Cancel(6);
  EXPECT_THAT(shared.Of(2).Collect(), IsEmpty());
}

TEST(SharedTransport, KeepsNumbersOfASingleAccount) {
  ScriptedTransport transport;
  SharedTransport shared(transport, 1);
  shared.Of(0).Start(Request(7, "x"));
  EXPECT_EQ(transport.under_way().at(0).id, 7U);
}

}  // namespace
}  // namespace consumer
