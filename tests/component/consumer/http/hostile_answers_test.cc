// Answers of a hostile or broken API never cost more memory or time than the request allows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>

#include "tests/component/consumer/http/raw_server.h"
#include "tests/component/consumer/http/transport_fixture.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using Then = RawServer::Then;

class HostileAnswers : public CurlTransportTest {
 protected:
  /// The outcome of `reply`, for a request bound to 1 MiB and `timeout`.
  HttpReply FetchFrom(const RawServer::Reply& reply, std::chrono::milliseconds timeout = 10s) {
    RawServer server([&](const std::string&) { return reply; });
    HttpRequest request = Get(1, server.Url("/"));
    request.max_response = kBound;
    request.timeout = timeout;
    return Fetch(request);
  }
  static constexpr std::size_t kBound = 1024UL * 1024;
};

std::size_t ResidentKiB() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "VmRSS:") continue;
    std::size_t size = 0;
    status >> size;
    return size;
  }
  return 0;
}

/// RFC 1951 deflate: one block of fixed Huffman codes, "x" and then copies of the 258 bytes before,
/// 13 bits each.
std::string Deflated(std::size_t copies) {
  std::string bytes;
  int used = 0;
  const auto put = [&](unsigned code, int bits) {  // A code starts with its highest bit.
    for (int i = bits - 1; i >= 0; --i) {
      if (used % 8 == 0) bytes.push_back('\0');
      bytes.back() = static_cast<char>(bytes.back() | ((code >> i & 1) << (used++ % 8)));
    }
  };
  put(0b110, 3);                              // The last block; fixed codes (01, lowest bit first).
  put(0x30 + 'x', 8);                         // "x"
  for (std::size_t i = 0; i < copies; ++i) {  // Length 258, distance 1.
    put(0b11000101, 8);
    put(0, 5);
  }
  put(0, 7);  // The end of the block.
  return bytes;
}

constexpr std::size_t kCopies = 512UL * 1024;  // 129 MiB

std::string GzipBomb() {
  return std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10) + Deflated(kCopies) + std::string(8, '\0');
}

/// 64 MiB of the letter x.
std::string BrotliBomb() {
  return std::string(
      "\xcb\xff\xff\x3f\xf8\x25\xf0\xe2\xb1\x40\x20\xf7\xfe\x8f\xff\xff\x7f\xf0\x4b\x00\xc4\x61\x11"
      "\x80\xee\xfd\x1f\xff\xff\xff\xe0\x97\x00\x88\xc3\x02\x00\xdd\xfb\x3f\xfe\xff\xff\xc1\x2f\x01"
      "\x10\x87\x05\x00\xba\xf7\x7f\xfc\xff\xff\x83\x5f\x02\x20\x0e\x0b\x00\x74\xef\xff\xf8\xff\xff"
      "\x07\xbf\x04\x40\x1c\x16\x00\xe8\xde\xff\xf1\xff\xff\x0f\x7e\x09\x80\x38\x2c\x00\xd0\xbd\xff"
      "\xcb\xff\xff\x3f\xfc\x12\x00\x71\x58\x00\xa0\x7b\xff\x07",
      106);
}

TEST_F(HostileAnswers, EndAtBoundIfTheyGrowWhenDecompressed) {
  const std::map<std::string, std::string> bombs = {
      {"gzip", GzipBomb()}, {"deflate", Deflated(kCopies)}, {"br", BrotliBomb()}};
  for (const auto& [encoding, bytes] : bombs) {
    ASSERT_LT(bytes.size(), kBound) << "otherwise the declared length decides";
    replies.clear();
    const std::size_t before = ResidentKiB();
    const HttpReply reply =
        FetchFrom({Answer(200, bytes, "Content-Encoding: " + encoding + "\r\n")});
    EXPECT_EQ(reply.fault, TransportFault::kTooLarge) << encoding << ": " << reply.error;
    EXPECT_THAT(reply.body, IsEmpty());
    EXPECT_LT(ResidentKiB(), before + 24 * 1024) << encoding;
  }
}

TEST_F(HostileAnswers, AreNotReadIfDeclaredLengthIsTooLarge) {
  const HttpReply reply =
      FetchFrom({"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", Then::kSayNothingMore});
  EXPECT_EQ(reply.fault, TransportFault::kTooLarge);
  EXPECT_EQ(reply.status, 200);
  EXPECT_LT(reply.elapsed, 5s) << "without waiting for a byte of it";
}

TEST_F(HostileAnswers, EndAtBoundIfEndless) {
  const std::string chunk = "1000\r\n" + std::string(0x1000, 'x') + "\r\n";
  const std::map<std::string, RawServer::Reply> endless = {
      {"chunks",
       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Then::kRepeatTail, chunk}},
      {"neither length nor chunks", {"HTTP/1.1 200 OK\r\n\r\n", Then::kRepeatTail, chunk}}};
  for (const auto& [name, reply] : endless) {
    replies.clear();
    EXPECT_EQ(FetchFrom(reply).fault, TransportFault::kTooLarge) << name;
  }
}

TEST_F(HostileAnswers, AreBrokenIfHeadIsEndless) {
  const std::string field = "X-Filler: " + std::string(1000, 'x') + "\r\n";
  const std::map<std::string, RawServer::Reply> heads = {
      {"fields", {"HTTP/1.1 200 OK\r\n", Then::kRepeatTail, field}},
      {"one field", {"HTTP/1.1 200 OK\r\nX-Filler: ", Then::kRepeatTail, std::string(4096, 'x')}},
      {"interim answers", {"", Then::kRepeatTail, "HTTP/1.1 103 Early Hints\r\n" + field + "\r\n"}},
      {"trailers",
       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", Then::kRepeatTail, field}}};
  for (const auto& [name, reply] : heads) {
    replies.clear();
    const std::size_t before = ResidentKiB();
    const HttpReply got = FetchFrom(reply, 3s);
    EXPECT_TRUE(got.fault == TransportFault::kBroken || got.fault == TransportFault::kTimeout)
        << name << ": " << static_cast<int>(got.fault);
    EXPECT_LT(ResidentKiB(), before + 24 * 1024) << name;
  }
}

TEST_F(HostileAnswers, EndAtTimeoutIfTheyDrip) {
  const std::map<std::string, RawServer::Reply> drips = {
      {"head", {"HTTP/1.1 200 OK\r\n", Then::kDripTail, "X-Filler: x\r\n"}},
      {"body", {"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", Then::kDripTail, "x"}},
      {"chunks",
       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Then::kDripTail, "1\r\nx\r\n"}}};
  for (const auto& [name, reply] : drips) {
    replies.clear();
    const HttpReply got = FetchFrom(reply, 300ms);
    EXPECT_EQ(got.fault, TransportFault::kTimeout) << name;
    EXPECT_GE(got.elapsed, 250ms) << name;
    EXPECT_LT(got.elapsed, 5s) << name;
  }
}

TEST_F(HostileAnswers, AreReportedBrokenIfConnectionIsReset) {
  for (const std::string bytes : {"", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"}) {
    replies.clear();
    EXPECT_EQ(FetchFrom({bytes, Then::kReset}).fault, TransportFault::kBroken) << bytes;
  }
}

TEST_F(HostileAnswers, LoseBytesBeyondDeclaredLength) {
  RawServer server([&](const std::string& request) {
    return RawServer::Reply{
        request.starts_with("GET /long")
            ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n"
              "Content-Length: 9\r\n\r\n{\"a\":666}"
            : Answer(200, "{\"b\":1}")};
  });
  EXPECT_EQ(Fetch(Get(1, server.Url("/long"))).body, "{}");
  EXPECT_EQ(Fetch(Get(2, server.Url("/next"))).body, "{\"b\":1}") << "not the smuggled answer";
}

TEST_F(HostileAnswers, ShareBoundedMemory) {
  constexpr std::size_t kSize = 300'000;
  RawServer server([](const std::string& request) {
    const std::string whole = Answer(200, std::string(kSize, 'x'));
    if (request.starts_with("GET /whole")) return RawServer::Reply{whole};
    return RawServer::Reply{whole.substr(0, whole.size() - 1), Then::kSayNothingMore};
  });
  CurlSettings settings;
  settings.max_bytes = 3 * kSize;
  CurlTransport small{settings};
  const auto start = [&](std::uint64_t id, const std::string& path) {
    HttpRequest request = Get(id, server.Url(path));
    request.timeout = 60s;
    small.Start(request);
  };
  constexpr std::uint64_t kHolders = 3;
  for (std::uint64_t holder = 1; holder <= kHolders; ++holder) start(holder, "/all-but-a-byte");

  // Once those three have arrived, there is no room for another. Until then it may take the room of
  // one of the three, which is then requested again.
  std::uint64_t id = 10;
  const auto deadline = common::Deadline::After(60s);
  do {
    start(++id, "/whole");
    ASSERT_NO_FATAL_FAILURE(AwaitReplyTo(small, id));
    for (std::uint64_t holder = 1; holder <= kHolders; ++holder) {
      const auto refused = replies.extract(holder);
      if (!refused) continue;
      EXPECT_EQ(refused.mapped().fault, TransportFault::kNoRoom) << refused.mapped().error;
      start(holder, "/all-but-a-byte");
    }
  } while (replies[id].fault == TransportFault::kNone && !deadline.HasPassed());
  EXPECT_EQ(replies[id].fault, TransportFault::kNoRoom) << replies[id].error;
  EXPECT_EQ(replies[id].status, 200);
  EXPECT_THAT(replies[id].body, IsEmpty());

  small.Cancel(1);
  start(++id, "/whole");
  ASSERT_NO_FATAL_FAILURE(AwaitReplyTo(small, id));
  EXPECT_EQ(replies[id].fault, TransportFault::kNone)
      << "cancelled requests have returned their room";

  // All received and collected bodies have returned their room.
  for (int i = 0; i < 10; ++i) {
    start(++id, "/whole");
    ASSERT_NO_FATAL_FAILURE(AwaitReplyTo(small, id));
    EXPECT_EQ(replies[id].body.size(), kSize) << replies[id].error;
  }
}

TEST_F(HostileAnswers, LeaveOtherAccountsTheirMemory) {
  constexpr std::size_t kSize = 300'000;
  RawServer server([](const std::string& request) {
    const std::string whole = Answer(200, std::string(kSize, 'x'));
    if (request.starts_with("GET /whole")) return RawServer::Reply{whole};
    return RawServer::Reply{whole.substr(0, whole.size() - 1), Then::kSayNothingMore};
  });
  CurlSettings settings;
  settings.max_bytes = 2 * kSize;
  settings.more_ca_files = {""};
  CurlTransport shared{settings};
  std::uint64_t id = 0;
  const auto start = [&](AccountIndex account, const std::string& path) {
    HttpRequest request = Get(++id, server.Url(path));
    request.account = account;
    request.timeout = 60s;
    shared.Start(request);
    return id;
  };
  // One of them must find no room.
  for (int i = 0; i < 3; ++i) start(0, "/all-but-a-byte");
  ASSERT_NO_FATAL_FAILURE(Await(shared, 1));
  EXPECT_EQ(replies.begin()->second.fault, TransportFault::kNoRoom);
  for (int i = 0; i < 4; ++i) {
    const std::uint64_t other = start(1, "/whole");
    ASSERT_NO_FATAL_FAILURE(AwaitReplyTo(shared, other));
    EXPECT_EQ(replies[other].body.size(), kSize) << replies[other].error;
  }
}

}  // namespace
}  // namespace consumer
