#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "common/base/deadline.h"
#include "common/curl/curl_global.h"
#include "consumer/http/curl_transport.h"

namespace consumer {

/// A transport and the replies to its requests.
class CurlTransportTest : public testing::Test {
 protected:
  static HttpRequest Get(std::uint64_t id, std::string url) {
    HttpRequest request;
    request.id = id;
    request.url = std::move(url);
    request.timeout = std::chrono::seconds(10);
    return request;
  }

  /// Waits for `count` more replies; one call of the transport may return more.
  void Await(std::size_t count) { Await(transport, count); }
  void Await(CurlTransport& on, std::size_t count) {
    const std::size_t wanted = replies.size() + count;
    ASSERT_TRUE(Receive(on, [&] { return replies.size() >= wanted; }))
        << replies.size() << " of " << wanted << " replies in time";
  }
  /// Waits for the reply to this request, whatever other replies come before it.
  void AwaitReplyTo(CurlTransport& on, std::uint64_t id) {
    ASSERT_TRUE(Receive(on, [&] { return replies.contains(id); })) << "no reply to " << id;
  }
  HttpReply Fetch(HttpRequest request) {
    const std::uint64_t id = request.id;
    transport.Start(std::move(request));
    AwaitReplyTo(transport, id);
    return replies[id];
  }

  common::CurlGlobal global;
  CurlTransport transport{CurlSettings{.ca_file = {}, .connect_timeout = std::chrono::seconds(5)}};
  std::map<std::uint64_t, HttpReply> replies;

 private:
  /// Collects replies until the condition holds. False if it does not within a minute.
  template <typename Condition>
  bool Receive(CurlTransport& on, Condition has_come) {
    const auto deadline = common::Deadline::After(std::chrono::seconds(60));
    while (!has_come() && !deadline.HasPassed()) {
      on.Wait({}, deadline.Remaining());
      for (HttpReply& reply : on.Collect()) {
        const std::uint64_t id = reply.id;
        EXPECT_TRUE(replies.emplace(id, std::move(reply)).second) << "a second reply to " << id;
      }
    }
    return has_come();
  }
};

}  // namespace consumer
