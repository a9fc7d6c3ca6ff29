#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <random>
#include <regex>
#include <string>
#include <vector>

#include "tests/component/ingest/support/running_ingest.h"
#include "tests/harness/proxy.h"
#include "tests/support/raw_client.h"
#include "tests/system/ingest/answer_table.h"

// Proxy and ingest must agree on where each request ends, even if it is malformed. Otherwise part
// of one sender's request would be answered as another sender's.
namespace tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A request that an attacker hides in a body. The proxies answer this path themselves, so ingest
/// sees it only if the two are out of step.
constexpr const char* kSmuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\nX: ";

std::vector<std::string> Streams() {
  std::vector<std::string> streams;
  const ingest::Sender& sender = ingest::Senders().front();
  const ingest::Asking asking{.sender = sender, .traceparent = "-", .body = kSmuggled};
  for (const auto& variants : {ingest::MalformedRequests(), ingest::AcceptedRequests()}) {
    for (const ingest::RequestVariant& variant : variants)
      streams.push_back(variant.ask(asking) + kSmuggled);
  }
  const std::string head = "POST /callbacks/onfido HTTP/1.1\r\nHost: a\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const std::string length = "Content-Length: 41\r\n";
  for (const char* coding :
       {"Transfer-Encoding: xchunked\r\n", "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding:\x0b"
        "chunked\r\n",
        "Transfer-Encoding: chunked\r\n x\r\n", "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: cow\r\nTransfer-Encoding: chunked\r\n",
        "X: a\rTransfer-Encoding: chunked\r\n", "Transfer_Encoding: chunked\r\n",
        "Transfer-Encoding: chunked;q=1\r\n", "Transfer-Encoding: CHUNKED\r\n",
        "Connection: Content-Length\r\n",
        "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n"}) {
    streams.push_back(head + coding + length + "\r\n0\r\n\r\n" + kSmuggled);
    streams.push_back(head + length + coding + "\r\n0\r\n\r\n" + kSmuggled);
    streams.push_back(head + coding + "\r\n0\r\n\r\n" + kSmuggled);
  }
  for (const char* chunks :
       {"1 ;a\r\nx\r\n0\r\n\r\n", "1\r\nx\r\n0\r\nX: y\r\n\r\n", "1;a\nx\r\n0\r\n\r\n",
        "0;\nGET /smuggled HTTP/1.1\r\n\r\n", "1\r\nxx\r\n0\r\n\r\n", "01\r\nx\r\n000\r\n\r\n",
        "0x1\r\nx\r\n0\r\n\r\n", "1\r\nx\r\n0\r\nContent-Length: 5\r\n\r\n", "1\r\nx0\r\n\r\n",
        "1\r\nx\r\n0\r\nGET /smuggled HTTP/1.1\r\n\r\n", "1;a=\"\r\n\"\r\nx\r\n0\r\n\r\n",
        "100000000000000001\r\nx\r\n0\r\n\r\n", "1_\r\nx\r\n0\r\n\r\n", "+1\r\nx\r\n0\r\n\r\n"}) {
    streams.push_back(head + chunked + "\r\n" + chunks + kSmuggled);
  }
  for (const char* method : {"GET", "HEAD", "OPTIONS", "FROBNICATE"}) {
    streams.push_back(std::string(method) + " /callbacks/onfido HTTP/1.1\r\nHost: a\r\n" + length +
                      "\r\n" + kSmuggled);
    streams.push_back(std::string(method) + " /callbacks/onfido HTTP/1.0\r\nHost: a\r\n" + length +
                      "Connection: keep-alive\r\n\r\n" + kSmuggled);
  }
  return streams;
}

/// Removes, doubles or replaces one to three bytes, by bytes that matter in HTTP.
std::string Mutated(std::string stream, std::mt19937& random) {
  constexpr std::string_view kBytes("\r\n\t\v \0:;,0aF\x80\x7f", 14);
  const auto below = [&](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
  };
  for (std::size_t left = 1 + below(3); left > 0; --left) {
    const std::size_t at = below(stream.size());
    switch (below(3)) {
      case 0:
        stream.erase(at, 1);
        break;
      case 1:
        stream.insert(at, 1, stream[at]);
        break;
      default:
        stream[at] = kBytes[below(kBytes.size())];
    }
  }
  return stream;
}

/// The sum of all answers of ingest.
std::size_t AnswersOf(const std::string& metrics) {
  static const std::regex line("\nsluice_ingest_answers_total\\{[^}]*\\} ([0-9]+)");
  std::size_t sum = 0;
  for (std::sregex_iterator at(metrics.begin(), metrics.end(), line), end; at != end; ++at) {
    sum += std::stoul((*at)[1]);
  }
  return sum;
}

class DesyncTest : public ::testing::TestWithParam<ProxyKind> {
 protected:
  static constexpr std::size_t kAtOnce = 24;

  /// Sends each stream over a new connection. Then sends valid requests over the connections that
  /// the proxy has kept.
  void Attack(const std::vector<std::string>& streams) {
    for (std::size_t from = 0; from < streams.size(); from += kAtOnce) {
      const std::size_t end = std::min(streams.size(), from + kAtOnce);
      std::vector<RawClient> clients;
      for (std::size_t i = from; i < end; ++i) {
        clients.emplace_back(proxy.port());
        clients.back().Send(streams[i]);
        clients.back().HalfClose();
      }
      for (RawClient& client : clients) (void)client.ReadToEnd(seconds(5));
      for (int i = 0; i < 4; ++i) {
        RawClient good(proxy.port());
        good.Send("GET /callbacks/eid HTTP/1.1\r\nHost: a\r\n\r\n");
        const auto answer = good.Read(seconds(20));
        ASSERT_TRUE(answer) << "after stream " << from;
        EXPECT_EQ(answer->status, 405) << "after stream " << from << " or its followers:\n"
                                       << streams[from];
      }
      EXPECT_EQ(ingest.Metrics().find(kOutsideSeen), std::string::npos)
          << "ingest has seen a request hidden in streams " << from << " to " << end;
    }
  }

  static constexpr const char* kOutsideSeen =
      "sluice_ingest_answers_total{provider=\"unknown\",status=\"404\"} 1";

  const ingest::RunningIngest ingest{{.more = "ack_deadline: 50ms\nheader_timeout: 500ms\n"
                                              "body_timeout: 500ms\n"}};
  const Proxy proxy{GetParam(), {{ingest.port(), ingest.admin_port()}}};
};

TEST_P(DesyncTest, NeverResultsFromAKnownStream) {
  Attack(Streams());
  EXPECT_GT(AnswersOf(ingest.Metrics()), Streams().size() / 4) << "most streams must reach ingest";
}

TEST_P(DesyncTest, NeverResultsFromAMutatedStream) {
  const std::uint32_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::vector<std::string> known = Streams();
  std::vector<std::string> mutated;
  for (int i = 0; i < 480; ++i) {
    mutated.push_back(Mutated(known[static_cast<std::size_t>(i) % known.size()], random));
  }
  Attack(mutated);
}

INSTANTIATE_TEST_SUITE_P(Proxies, DesyncTest,
                         ::testing::Values(ProxyKind::kNginx, ProxyKind::kHaproxy),
                         [](const auto& kind) { return NameOf(kind.param); });

}  // namespace
}  // namespace tests
