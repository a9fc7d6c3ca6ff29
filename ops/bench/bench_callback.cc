#include "ops/bench/bench_callback.h"

#include <array>
#include <cinttypes>
#include <cstdio>
#include <string_view>

namespace bench {
namespace {

/// A UUID.
std::array<char, 37> IdOf(char kind, std::uint32_t run, std::uint64_t n) {
  std::array<char, 37> text{};
  std::snprintf(text.data(), text.size(), "%08" PRIx32 "-000%c-4000-8000-%012" PRIx64, run, kind,
                n & 0xFFFF'FFFF'FFFFU);
  return text;
}

}  // namespace

std::string ProcessIdOf(std::uint32_t run, std::uint64_t n) { return IdOf('1', run, n).data(); }

std::string BodyOf(std::uint32_t run, std::uint64_t n, std::size_t bytes) {
  std::string body = R"({"dossierId":")";
  body += IdOf('0', run, n).data();
  body += R"(","processId":")";
  body += IdOf('1', run, n).data();
  body += R"(","status":"accepted")";
  constexpr std::string_view kPadding = R"(,"padding":")";
  if (const std::size_t least = body.size() + kPadding.size() + 2; bytes >= least) {
    body += kPadding;
    body.append(bytes - least, 'x') += '"';
  }
  return body += '}';
}

}  // namespace bench
