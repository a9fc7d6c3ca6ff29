#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "common/base/fd.h"
#include "common/http/connection.h"

namespace common::http {

// id := serial number << 22 | slot       ; the serial number is never 0: ids are above kMaxTag
inline constexpr std::uint64_t kMaxTag = (std::uint64_t{1} << 22) - 1;

/// The connections of one worker, found by id without a search. An id is never used again, so what
/// names a connection that is gone (a ticket, an event of the same batch) finds nothing.
///
/// Threads: the worker's only.
class ConnectionTable {
 public:
  Connection& Add(std::uint64_t serial, Fd socket, Seat seat, WorkerContext& context);
  [[nodiscard]] Connection* Find(std::uint64_t id) const;
  /// False: it is not there.
  bool Remove(std::uint64_t id);

  template <typename F>
  void ForEach(F&& call) const {
    for (const auto& connection : slots_) {
      if (connection && !connection->IsClosed()) call(*connection);
    }
  }

 private:
  std::vector<std::unique_ptr<Connection>> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace common::http
