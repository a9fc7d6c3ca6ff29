#pragma once

#include <atomic>
#include <cstddef>
#include <list>
#include <memory>
#include <thread>
#include <utility>

namespace consumer {

/// Destroys clients on threads of their own, so that the owner continues at once:
/// rd_kafka_destroy() has no deadline.
///
/// Threads:  confined to one.
/// Lifetime: the destructor waits for all of them; main bounds the end of the process.
class Retirement {
 public:
  /// Precondition: everything that the client's destructor uses outlives this object.
  template <typename Client>
  void Retire(std::unique_ptr<Client> client) {
    Forget();
    if (!client) return;
    Leaving& leaving = leaving_.emplace_back();
    leaving.thread = std::jthread([&leaving, client = std::move(client)]() mutable {
      client.reset();
      leaving.has_gone.store(true);
    });
  }

  /// Clients that have not been destroyed yet.
  [[nodiscard]] std::size_t CountLeaving() {
    Forget();
    return leaving_.size();
  }

 private:
  void Forget() {
    std::erase_if(leaving_, [](const Leaving& leaving) { return leaving.has_gone.load(); });
  }

  struct Leaving {
    std::atomic<bool> has_gone{false};
    std::jthread thread;  // Last: its destructor joins the thread that uses the member above.
  };
  std::list<Leaving> leaving_;
};

}  // namespace consumer
