#include "common/callback/announcements.h"

#include <gtest/gtest.h>

#include <string>

namespace common {
namespace {

constexpr std::size_t kMost = 1000;

std::string Announcement(const std::string& process) {
  return R"({"dossierId":"d","processId":")" + process + R"(","provider":"onfido"})";
}

/// The processes, or the mistake: "3: dossierId is missing".
std::string Read(std::string_view body) {
  const auto read = ReadAnnouncements(body, ProviderTable(), kMost);
  if (const auto* mistake = std::get_if<LineMistake>(&read)) {
    return std::to_string(mistake->line) + ": " + mistake->what +
           (mistake->is_excess ? " (excess)" : "");
  }
  std::string text;
  for (const auto& expected : std::get<Announcements>(read)) {
    text += (text.empty() ? "" : " ") + expected.process.str();
  }
  return text;
}

std::string Lines(std::size_t count) {
  std::string body;
  for (std::size_t i = 0; i < count; ++i) body += Announcement("p" + std::to_string(i)) + "\n";
  return body;
}

TEST(Announcements, AreOneObjectOrOneALine) {
  const std::string a = Announcement("a");
  const std::string b = Announcement("b");
  EXPECT_EQ(Read(a), "a");
  EXPECT_EQ(Read(a + "\n"), "a");
  EXPECT_EQ(Read(a + "\n" + b), "a b") << "without a newline at the end";
  EXPECT_EQ(Read(a + "\r\n" + b + "\r\n"), "a b");
  EXPECT_EQ(Read("\n\r\n  \t" + a + "\n\n\n" + b + "\n \n"), "a b");
  EXPECT_EQ(Read("\xef\xbb\xbf" + a + "\n" + b), "a b") << "a byte order mark";
  EXPECT_EQ(Read(a + "\n" + a), "a a");
}

TEST(Announcements, MayBeOneObjectAcrossLines) {
  EXPECT_EQ(Read("{\n \"dossierId\": \"d\",\r\n \"processId\": \"a\",\n\n \"provider\":\n "
                 "\"onfido\"\n}\n"),
            "a");
  EXPECT_EQ(Read("\n\n{\n\"dossierId\": \"d\"\n}"), "3: processId is missing");
  std::string tall = Announcement("a");
  for (std::size_t at = tall.find(','); at != std::string::npos; at = tall.find(',', at + 2000)) {
    std::string blanks;
    for (int i = 0; i < 1000; ++i) blanks += "\n";
    tall.insert(at, blanks);
  }
  EXPECT_EQ(Read(tall), "a");
}

TEST(Announcements, AreRefusedByTheirFirstWrongLine) {
  const std::string a = Announcement("a");
  EXPECT_EQ(Read(""), "1: the body is empty");
  EXPECT_EQ(Read(" \r\n\n"), "1: the body is empty");
  EXPECT_EQ(Read("[" + a + "]"), "1: not one JSON object in UTF-8");
  EXPECT_EQ(Read("{\n" + a + "\n}"), "1: not one JSON object in UTF-8");
  EXPECT_EQ(Read(a + a), "1: not one JSON object in UTF-8");
  EXPECT_EQ(Read(a + "\r" + a), "1: not one JSON object in UTF-8");
  EXPECT_EQ(Read(a + "\n\n{}\n[]"), "3: dossierId is missing");
  EXPECT_EQ(Read(a + "\n" + Announcement("\xff")), "2: not one JSON object in UTF-8");
  EXPECT_EQ(Read(a + "\nnull"), "2: not one JSON object in UTF-8");
  EXPECT_EQ(Read(std::string(1, '\0') + a), "1: not one JSON object in UTF-8");
  EXPECT_EQ(Read(R"({"dossierId":"d","processId":"p","processId":"q","provider":"onfido"})"),
            "1: processId occurs twice, with different values");
}

TEST(Announcements, AreAThousandAtMost) {
  const std::string most = Lines(kMost);
  EXPECT_EQ(Read(most).substr(0, 6), "p0 p1 ");
  EXPECT_EQ(Read(most + "\n\n").substr(0, 6), "p0 p1 ");
  EXPECT_EQ(Read(most + "x"), "1001: a body has at most 1000 announcements (excess)");
  EXPECT_EQ(Read("\nx\n" + most), "1002: a body has at most 1000 announcements (excess)")
      << "the number first";
}

TEST(Announcements, NameProvidersOfTheTable) {
  const auto with = [](const std::string& provider) {
    return R"({"dossierId":"d","processId":"p","provider":")" + provider + "\"}";
  };
  const auto provider_of = [&](const std::string& provider) {
    const auto read = ReadAnnouncements(with(provider), ProviderTable(), kMost);
    const auto* all = std::get_if<Announcements>(&read);
    return all == nullptr ? "none" : all->front().provider;
  };
  EXPECT_EQ(provider_of("Onfido"), "onfido");
  EXPECT_EQ(provider_of("signicatvideoid"), "eid") << "an alias";
  EXPECT_EQ(provider_of("unknown"), "none");
  EXPECT_EQ(Read(with("onfdio")).substr(0, 35), "1: provider \"onfdio\" is none of onf");
}

}  // namespace
}  // namespace common
