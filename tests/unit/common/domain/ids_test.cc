#include "common/domain/ids.h"

#include <gtest/gtest.h>

namespace common {
namespace {

TEST(Ids, AreTrimmedAndLoweredIfUuids) {
  const struct {
    std::string_view sent;
    std::string_view normal;
  } kCases[] = {
      {"7d0f2c1e-5b6a-4f39-9c55-1f0e8a2b7c44", "7d0f2c1e-5b6a-4f39-9c55-1f0e8a2b7c44"},
      {"7D0F2C1E-5B6A-4F39-9C55-1F0E8A2B7C44", "7d0f2c1e-5b6a-4f39-9c55-1f0e8a2b7c44"},
      {"\t 7D0F2C1E-5B6A-4F39-9C55-1F0E8A2B7C44\r\n", "7d0f2c1e-5b6a-4f39-9c55-1f0e8a2b7c44"},
      // Other ids keep their case.
      {"Case-Matters", "Case-Matters"},
      {" A b ", "A b"},
      {"7D0F2C1E5B6A4F399C551F0E8A2B7C44", "7D0F2C1E5B6A4F399C551F0E8A2B7C44"},
      {"{7D0F2C1E-5B6A-4F39-9C55-1F0E8A2B7C44}", "{7D0F2C1E-5B6A-4F39-9C55-1F0E8A2B7C44}"},
      {"7D0F2C1E-5B6A-4F39-9C55-1F0E8A2B7C4G", "7D0F2C1E-5B6A-4F39-9C55-1F0E8A2B7C4G"},
      {"7D0F2C1E-5B6A-4F39-9C55-1F0E8A2B7C444", "7D0F2C1E-5B6A-4F39-9C55-1F0E8A2B7C444"},
      {" \t\n ", ""},
      {"", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.sent);
    EXPECT_EQ(NormalizeId(std::string(c.sent)), c.normal);
  }
}

}  // namespace
}  // namespace common
