// The content coding declared by an answer, and the body that is read.
#include "consumer/http/content_coding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/component/consumer/http/raw_server.h"
#include "tests/component/consumer/http/transport_fixture.h"

namespace consumer {
namespace {

using testing::HasSubstr;

class ContentCoding : public CurlTransportTest {};

TEST(ContentCodings, MatchRegistry) {
  for (const char* none :
       {"", "UTF-8", "none", "binary", "identity", ",", "8bit, utf8", "gzipped"}) {
    EXPECT_TRUE(NamesNoCoding(none)) << none;
  }
  for (const char* real : {"gzip", " GZip ", "x-gzip", "br", "utf-8, deflate", "zstd,none"}) {
    EXPECT_FALSE(NamesNoCoding(real)) << real;
  }
}

TEST_F(ContentCoding, LeavesBodyUnchangedIfInvalid) {
  for (const std::string coding :
       {"UTF-8", "utf8", "none", "binary", "identity", "", "x", "UTF-8, none"}) {
    SCOPED_TRACE(coding);
    RawServer server([&](const std::string&) {
      return RawServer::Reply{Answer(200, "{\"a\":1}", "Content-Encoding: " + coding + "\r\n")};
    });
    replies.clear();
    for (std::uint64_t id = 1; id <= 5; ++id) {
      const HttpReply reply = Fetch(Get(id, server.Url("/")));
      EXPECT_EQ(reply.fault, TransportFault::kNone) << reply.error;
      EXPECT_EQ(reply.body, "{\"a\":1}");
    }
    EXPECT_LE(server.requests(), 6) << "requested without coding from then on";
  }
}

TEST_F(ContentCoding, BreaksAnswerIfValidButUnsupported) {
  for (const std::string coding : {"compress", "aes128gcm", "UTF-8, compress"}) {
    RawServer server([&](const std::string&) {
      return RawServer::Reply{Answer(200, "{}", "Content-Encoding: " + coding + "\r\n")};
    });
    replies.clear();
    EXPECT_EQ(Fetch(Get(1, server.Url("/"))).fault, TransportFault::kBroken) << coding;
    EXPECT_EQ(server.requests(), 1) << coding;
  }
}

TEST_F(ContentCoding, BreaksAnswerToUncodedRequestAndIsOfferedAgain) {
  int count = 0;
  RawServer server([&](const std::string& request) {
    ++count;
    if (count == 1) return RawServer::Reply{Answer(200, "{}", "Content-Encoding: UTF-8\r\n")};
    EXPECT_EQ(request.find("Accept-Encoding: identity") != std::string::npos, count <= 3) << count;
    if (count == 2) return RawServer::Reply{Answer(200, "{}", "Content-Encoding: UTF-8\r\n")};
    if (count == 3) return RawServer::Reply{Answer(200, "??", "Content-Encoding: gzip\r\n")};
    return RawServer::Reply{Answer(200, "{}")};
  });
  EXPECT_EQ(Fetch(Get(1, server.Url("/"))).body, "{}");
  const HttpReply coded = Fetch(Get(2, server.Url("/")));
  EXPECT_EQ(coded.fault, TransportFault::kBroken);
  EXPECT_EQ(coded.body, "");
  EXPECT_THAT(coded.error, HasSubstr("coding"));
  EXPECT_EQ(Fetch(Get(3, server.Url("/"))).body, "{}");
}

}  // namespace
}  // namespace consumer
