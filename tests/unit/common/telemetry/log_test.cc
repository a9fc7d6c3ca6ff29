#include "common/telemetry/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/json/api_answer.h"

namespace common {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

/// Keeps the lines; returns the last one without its time.
struct Lines {
  std::vector<std::string> all;
  Logger logger{"ingest", [this](std::string_view line) { all.emplace_back(line); }};

  std::string LastWithoutTime() const {
    std::string line = all.back();
    const std::size_t time = line.find(",\"time\":\"");
    return line.erase(time, line.find(",\"service\"") - time);
  }
};

TEST(Log, WritesOneJsonObjectPerLine) {
  Lines lines;
  lines.logger.Info("callback.stored", {{"processId", "p"},
                                        {"bytes", std::size_t{12}},
                                        {"offset", -5},
                                        {"seconds", 0.25},
                                        {"spooled", true}});
  EXPECT_EQ(lines.LastWithoutTime(),
            R"({"event":"callback.stored","level":"info","service":"ingest","processId":"p",)"
            R"("bytes":12,"offset":-5,"seconds":0.25,"spooled":true})"
            "\n");
}

TEST(Log, LeavesOutAFieldWithoutAKey) {
  Lines lines;
  lines.logger.Info("x", {{"", ""}, {"a", 1}});
  EXPECT_EQ(lines.LastWithoutTime(), R"({"event":"x","level":"info","service":"ingest","a":1})"
                                     "\n");
}

TEST(Log, WritesTheTimeInUtc) {
  Lines lines;
  const WallTime before = WallNow();
  lines.logger.Info("x");
  const std::size_t start = lines.all[0].find("\"time\":\"") + 8;
  const auto time = ParseRfc3339(lines.all[0].substr(start, lines.all[0].find('"', start) - start));
  ASSERT_TRUE(time);
  EXPECT_GE(*time, before);
  EXPECT_LE(*time, WallNow());
}

TEST(Log, HasFourLevels) {
  Lines lines;
  lines.logger.Debug("x");
  lines.logger.Info("x");
  lines.logger.Warn("x");
  lines.logger.Error("x");
  ASSERT_EQ(lines.all.size(), 4U);
  EXPECT_THAT(lines.all[0], HasSubstr(R"("level":"debug")"));
  EXPECT_THAT(lines.all[1], HasSubstr(R"("level":"info")"));
  EXPECT_THAT(lines.all[2], HasSubstr(R"("level":"warn")"));
  EXPECT_THAT(lines.all[3], HasSubstr(R"("level":"error")"));
}

TEST(Log, WritesOneValidLineForAnyBytes) {
  Lines lines;
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte.push_back(static_cast<char>(byte));
  lines.logger.Warn(every_byte, {{every_byte, every_byte}});
  EXPECT_EQ(lines.all[0].find('\n'), lines.all[0].size() - 1);
  EXPECT_TRUE(json::ReadResourceAnswer(lines.all[0]));
}

TEST(Log, CutsALongText) {
  Lines lines;
  lines.logger.Warn("x", {{"processId", std::string(1'000'000, 'p')}, {"status", 404}});
  EXPECT_EQ(lines.LastWithoutTime(),
            R"({"event":"x","level":"warn","service":"ingest","processId":")" +
                std::string(Logger::kLongestValue - 1, 'p') +
                "\xE2\x80\xA6\",\"status\":404,\"truncated\":true}\n");
}

TEST(Log, KeepsATextOfTheLongestSize) {
  Lines lines;
  lines.logger.Warn("x", {{"k", std::string(Logger::kLongestValue - 1, 'p')}});
  EXPECT_THAT(lines.all[0], HasSubstr(std::string(Logger::kLongestValue - 1, 'p') + "\"}"));
}

TEST(Log, BoundsEveryLineAndKeepsItValid) {
  for (const std::string unit :
       {"p", "\"", "\x01", "\xFF", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"}) {
    for (std::size_t count = 300; count < 2500; count += 37) {
      Lines lines;
      std::string text;
      for (std::size_t i = 0; i < count; ++i) text += unit;
      const std::string padding(count % 7, 'x');
      lines.logger.Warn("x", {{"a", padding + text},
                              {"b", text},
                              {"c", text},
                              {"d", 1},
                              {"e", text},
                              {"f", text},
                              {"g", text},
                              {"h", 1.5},
                              {"i", true}});
      ASSERT_LE(lines.all[0].size(), Logger::kLongestLine);
      ASSERT_TRUE(json::ReadResourceAnswer(lines.all[0])) << lines.all[0];
      ASSERT_EQ(lines.all[0].find('\n'), lines.all[0].size() - 1);
      if (count >= Logger::kLongestValue) {
        ASSERT_THAT(lines.all[0], testing::EndsWith(",\"truncated\":true}\n"));
      }
    }
  }
}

TEST(Log, BoundsTheEventName) {
  Lines lines;
  lines.logger.Warn(std::string(100'000, 'e'), {{"k", "v"}});
  EXPECT_LE(lines.all[0].size(), Logger::kLongestLine);
  EXPECT_THAT(lines.all[0], HasSubstr("\"k\":\"v\",\"truncated\":true"));
}

TEST(Log, EscapesControlCharactersAndReplacesInvalidUtf8) {
  Lines lines;
  lines.logger.Info("x", {{"k", "\"\\\n\x01\xC3\xA9\xFF\xED\xA0\x80"}});
  EXPECT_THAT(lines.all[0], HasSubstr("\"k\":\"\\\"\\\\\\u000a\\u0001\xC3\xA9????\""));
}

TEST(Log, WritesNanAndInfinityAsNull) {
  Lines lines;
  lines.logger.Info("x", {{"a", std::nan("")}, {"b", std::numeric_limits<double>::infinity()}});
  EXPECT_THAT(lines.all[0], HasSubstr(R"("a":null,"b":null)"));
}

}  // namespace
}  // namespace common
