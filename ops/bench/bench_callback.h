#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace bench {

/// The unique process id of callback `n` of run `run`.
[[nodiscard]] std::string ProcessIdOf(std::uint32_t run, std::uint64_t n);

/// {"dossierId":…,"processId":…,"status":…}, always of the same size; with a member "padding" if
/// that makes it `bytes` long.
[[nodiscard]] std::string BodyOf(std::uint32_t run, std::uint64_t n, std::size_t bytes = 0);

}  // namespace bench
