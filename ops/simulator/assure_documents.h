#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace simulator {

// The documents of the Assure API, as JSON. Each one depends on its arguments only. The field names
// are those of the real API; all values are made up.

enum class ProcessState { kPending, kFinished };

/// 3 to 5 KB if finished.
[[nodiscard]] std::string ProcessDocument(std::string_view dossier_id, std::string_view process_id,
                                          ProcessState state);
[[nodiscard]] std::string DossierDocument(std::string_view dossier_id);

/// A body that is not a JSON object.
[[nodiscard]] std::string GarbageDocument(std::string_view id);
/// HTML.
[[nodiscard]] std::string MaintenancePage();
/// A JSON object of 8 MiB, twice the size that a client should accept.
[[nodiscard]] std::string HugeDocument(std::string_view id);

[[nodiscard]] std::string TokenDocument(std::string_view token, std::int64_t expires_in_s);
/// RFC 6749, 5.2.
[[nodiscard]] std::string OAuthErrorDocument(std::string_view error, std::string_view description);

struct ApiError {
  int status = 500;
  std::string_view method{};
  std::string_view instance{};  ///< The path.
  std::string_view detail;
  std::uint64_t trace = 0;
};
[[nodiscard]] std::string ErrorDocument(const ApiError& error);

}  // namespace simulator
