#pragma once

namespace consumer {

/// libcurl's process-wide set-up. One object, made in main before any thread and any CurlTransport,
/// destroyed after the last of them.
///
/// Errors: throws std::runtime_error if libcurl cannot start, or lacks TLS.
class CurlGlobal {
 public:
  CurlGlobal();
  ~CurlGlobal();
  CurlGlobal(const CurlGlobal&) = delete;
  CurlGlobal& operator=(const CurlGlobal&) = delete;
};

}  // namespace consumer
