#include "common/config/units.h"

#include <gtest/gtest.h>

#include "common/config/address.h"

namespace common::config {
namespace {

TEST(Units, ParseSizes) {
  const struct {
    std::string_view text;
    std::optional<std::uint64_t> expected;
  } kCases[] = {
      {"0", 0},
      {"1048576", 1048576},
      {"1B", 1},
      {"64KiB", 65536},
      {"1MiB", 1048576},
      {"1GiB", 1073741824},
      {"17179869183GiB", 17179869183ULL << 30},
      {"17179869184GiB", std::nullopt},
      {"18446744073709551616", std::nullopt},
      {"", std::nullopt},
      {"1KB", std::nullopt},
      {"1K", std::nullopt},
      {"1kib", std::nullopt},
      {"-1", std::nullopt},
      {"1.5MiB", std::nullopt},
      {"1 MiB", std::nullopt},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(ParseSize(c.text), c.expected);
  }
}

TEST(Units, FormatWithTheLargestDividingUnit) {
  EXPECT_EQ(FormatSize(0), "0B");
  EXPECT_EQ(FormatSize(1000), "1000B");
  EXPECT_EQ(FormatSize(65536), "64KiB");
  EXPECT_EQ(FormatSize(1ULL << 31), "2GiB");
}

TEST(Address, ParsesNumericAddressesWithPorts) {
  const struct {
    std::string_view text;
    std::string_view host;  // Empty: refused.
    int port;
  } kCases[] = {
      {"127.0.0.1:9100", "127.0.0.1", 9100},
      {"0.0.0.0:0", "0.0.0.0", 0},
      {"0.0.0.0:65535", "0.0.0.0", 65535},
      {"[::1]:9100", "::1", 9100},
      {"[::]:8080", "::", 8080},
      {"[::ffff:127.0.0.1]:80", "::ffff:127.0.0.1", 80},
      {"localhost:80", "127.0.0.1", 80},
      {"0.0.0.0:65536", "", 0},
      {"0.0.0.0:-1", "", 0},
      {"0.0.0.0:", "", 0},
      {"0.0.0.0", "", 0},
      {":8080", "", 0},
      {"8080", "", 0},
      {"::1:9100", "", 0},
      {"[::1]", "", 0},
      {std::string_view("127.0.0.1\0x:80", 14), "", 0},
      {"[]:80", "", 0},
      {"[127.0.0.1]:80", "", 0},
      {"256.0.0.1:80", "", 0},
      {"1.2.3:80", "", 0},
      {"example.com:80", "", 0},
      {"127.0.0.1:80x", "", 0},
      {" 127.0.0.1:80", "", 0},
      {"", "", 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const std::optional<Address> address = ParseAddress(c.text);
    ASSERT_EQ(address.has_value(), !c.host.empty());
    if (!address) continue;
    EXPECT_EQ(address->host, c.host);
    EXPECT_EQ(address->port, c.port);
  }
}

TEST(Address, IsFormattedAsParsed) {
  EXPECT_EQ(ToText({.host = "127.0.0.1", .port = 80}), "127.0.0.1:80");
  EXPECT_EQ(ToText({.host = "::1", .port = 0}), "[::1]:0");
}

}  // namespace
}  // namespace common::config
