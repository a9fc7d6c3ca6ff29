#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "common/base/deadline.h"
#include "consumer/http/curl_global.h"
#include "consumer/http/curl_transport.h"

namespace consumer {

/// A transport and what came of its requests.
class CurlTransportTest : public testing::Test {
 protected:
  static HttpRequest Get(std::uint64_t id, std::string url) {
    HttpRequest request;
    request.id = id;
    request.url = std::move(url);
    request.timeout = std::chrono::seconds(10);
    return request;
  }

  /// Waits for `count` more replies, 20 s at most.
  void Await(std::size_t count) { Await(transport, count); }
  void Await(CurlTransport& on, std::size_t count) {
    const auto deadline = common::Deadline::After(std::chrono::seconds(20));
    const std::size_t wanted = replies.size() + count;
    while (replies.size() < wanted && !deadline.HasPassed()) {
      on.Wait({}, deadline.Remaining());
      for (HttpReply& reply : on.Collect()) {
        const std::uint64_t id = reply.id;
        EXPECT_TRUE(replies.emplace(id, std::move(reply)).second) << "a second reply to " << id;
      }
    }
    ASSERT_EQ(replies.size(), wanted) << "no reply in time";
  }
  HttpReply Fetch(HttpRequest request) {
    const std::uint64_t id = request.id;
    transport.Start(std::move(request));
    Await(1);
    return replies[id];
  }

  CurlGlobal global;
  CurlTransport transport{CurlSettings{.ca_file = {}, .connect_timeout = std::chrono::seconds(5)}};
  std::map<std::uint64_t, HttpReply> replies;
};

}  // namespace consumer
