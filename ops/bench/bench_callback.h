#pragma once

#include <cstdint>
#include <string>

namespace bench {

/// The unique process id of callback `n` of run `run`.
[[nodiscard]] std::string ProcessIdOf(std::uint32_t run, std::uint64_t n);

/// {"dossierId":…,"processId":…,"status":…}, always of the same size.
[[nodiscard]] std::string BodyOf(std::uint32_t run, std::uint64_t n);

}  // namespace bench
