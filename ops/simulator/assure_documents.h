#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace simulator {

// What the Assure API answers, as JSON. Each document follows from its arguments alone; the names
// of the fields are those of the real API, all values are made up.

enum class ProcessState { kPending, kFinished };

/// Some 3 to 5 KB once finished.
[[nodiscard]] std::string ProcessDocument(std::string_view dossier_id, std::string_view process_id,
                                          ProcessState state);
[[nodiscard]] std::string DossierDocument(std::string_view dossier_id);

/// 200 with a body that is no JSON object.
[[nodiscard]] std::string GarbageDocument(std::string_view id);
/// HTML.
[[nodiscard]] std::string MaintenancePage();
/// A JSON object of 8 MiB, twice of what a client should be willing to take.
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
