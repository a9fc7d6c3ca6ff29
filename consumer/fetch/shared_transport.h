#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "consumer/fetch/account.h"
#include "consumer/fetch/http_transport.h"

namespace consumer {

/// One transport for the schedulers of several accounts. Each sees only its own requests and
/// replies, and numbers its requests as if it were alone.
///
///   id in the transport := id of the scheduler * accounts + account
///
/// Threads:  confined to the lane.
/// Lifetime: the transport must outlive it, and it the schedulers.
class SharedTransport {
 public:
  SharedTransport(HttpTransport& transport, std::size_t accounts);
  ~SharedTransport();
  SharedTransport(const SharedTransport&) = delete;
  SharedTransport& operator=(const SharedTransport&) = delete;

  [[nodiscard]] HttpTransport& Of(AccountIndex account);

 private:
  class Part;

  /// Hands each part its replies.
  void Distribute();

  HttpTransport& transport_;
  std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace consumer
