#pragma once

namespace common {

/// libcurl's process-wide initialisation. main creates one before any thread or CurlTransport and
/// destroys it after them.
///
/// Errors: throws std::runtime_error if libcurl cannot start, or lacks TLS.
class CurlGlobal {
 public:
  CurlGlobal();
  ~CurlGlobal();
  CurlGlobal(const CurlGlobal&) = delete;
  CurlGlobal& operator=(const CurlGlobal&) = delete;
};

}  // namespace common
