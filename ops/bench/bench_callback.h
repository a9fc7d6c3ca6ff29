#pragma once

#include <cstdint>
#include <string>

namespace bench {

/// Callback `n` of run `run`: the process id, of which no other callback has the same.
[[nodiscard]] std::string ProcessIdOf(std::uint32_t run, std::uint64_t n);

/// {"dossierId":…,"processId":…,"status":…}, always of the same size.
[[nodiscard]] std::string BodyOf(std::uint32_t run, std::uint64_t n);

}  // namespace bench
