#include "ops/bench/bench_callback.h"

#include <array>
#include <cinttypes>
#include <cstdio>

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

std::string BodyOf(std::uint32_t run, std::uint64_t n) {
  std::string body = R"({"dossierId":")";
  body += IdOf('0', run, n).data();
  body += R"(","processId":")";
  body += IdOf('1', run, n).data();
  body += R"(","status":"accepted"})";
  return body;
}

}  // namespace bench
