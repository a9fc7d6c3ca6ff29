#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "ops/simulator/port_hold.h"
#include "tests/harness/process.h"

namespace bench {

/// An nginx that answers every request immediately: `return 200`.
///
/// Errors: throws, with nginx's log, if it does not start.
class Nginx {
 public:
  /// Its files are in `directory`.
  Nginx(const std::filesystem::path& directory, int processes);
  ~Nginx();  ///< SIGTERM: its workers would survive a SIGKILL.
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_.port(); }
  /// The master and its workers.
  [[nodiscard]] std::vector<pid_t> Pids() const;
  /// The size of a whole answer.
  [[nodiscard]] std::size_t answer_bytes() const { return answer_bytes_; }

 private:
  [[nodiscard]] bool HasAnswered();

  simulator::PortHold port_;
  std::unique_ptr<tests::Process> process_;
  std::size_t answer_bytes_ = 0;
};

}  // namespace bench
