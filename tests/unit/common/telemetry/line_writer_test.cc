#include "common/telemetry/line_writer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>

#include "common/base/fd.h"

namespace common {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr int kPage = 4096;

/// A line of one page.
std::string Page() { return std::string(kPage - 1, 'x') + "\n"; }

/// A pipe with room for four pages.
class LineWriterTest : public testing::Test {
 protected:
  LineWriterTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    out = Fd(ends[0]);
    in = Fd(ends[1]);
    EXPECT_EQ(::fcntl(in.get(), F_SETPIPE_SZ, 4 * kPage), 4 * kPage);
  }

  /// Drains the pipe.
  [[nodiscard]] std::string Read() const {
    std::array<char, 8 * kPage> bytes{};
    ::fcntl(out.get(), F_SETFL, O_NONBLOCK);
    const ssize_t size = ::read(out.get(), bytes.data(), bytes.size());
    return size > 0 ? std::string(bytes.data(), static_cast<std::size_t>(size)) : std::string();
  }

  Fd out;
  Fd in;
};

TEST_F(LineWriterTest, WritesLines) {
  LineWriter writer(in.get(), "test");
  writer.Write("one\n");
  writer.Write("two\n");
  EXPECT_EQ(Read(), "one\ntwo\n");
}

TEST_F(LineWriterTest, DropsLinesWithoutAReaderAndReportsThem) {
  LineWriter writer(in.get(), "test");
  for (int i = 0; i < 4; ++i) writer.Write(Page());
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) writer.Write("lost\n");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  EXPECT_EQ(Read(), Page() + Page() + Page() + Page());
  writer.Write("seen\n");
  EXPECT_THAT(Read(), StartsWith("{\"event\":\"log.dropped\",\"level\":\"warn\",\"time\":\""));
}

TEST_F(LineWriterTest, CountsDroppedLines) {
  LineWriter writer(in.get(), "test");
  for (int i = 0; i < 4; ++i) writer.Write(Page());
  for (int i = 0; i < 12; ++i) writer.Write("lost\n");
  (void)Read();
  writer.Write("seen\n");
  EXPECT_THAT(Read(), EndsWith(",\"service\":\"test\",\"lines\":12}\nseen\n"));
  writer.Write("again\n");
  EXPECT_EQ(Read(), "again\n");
}

TEST_F(LineWriterTest, EndsAPartlyWrittenLine) {
  LineWriter writer(in.get(), "test");
  writer.Write(std::string(5 * kPage, 'x') + "\n");
  EXPECT_EQ(Read(), std::string(4 * kPage, 'x'));
  writer.Write("seen\n");
  const std::string next = Read();
  EXPECT_THAT(next, StartsWith("\n{\"event\":\"log.dropped\""));
  EXPECT_THAT(next, HasSubstr("\"lines\":1}\nseen\n"));
}

TEST_F(LineWriterTest, IgnoresAnInvalidDescriptor) {
  LineWriter writer(-1, "test");
  for (int i = 0; i < 1000; ++i) writer.Write("lost\n");
}

}  // namespace
}  // namespace common
