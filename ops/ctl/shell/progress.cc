#include "ops/ctl/shell/progress.h"

#include <algorithm>
#include <cmath>
#include <ostream>
#include <utility>

namespace ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kBetweenDraws{200};
/// A wrapped line cannot be redrawn in place.
constexpr std::size_t kColumns = 79;
constexpr std::string_view kToStartAndErase = "\r\x1b[K";

std::string DescribeSeconds(std::int64_t left) {
  if (left < 60) return std::to_string(left) + "s";
  if (left < 3600) return std::to_string(left / 60) + "m" + std::to_string(left % 60) + "s";
  return std::to_string(left / 3600) + "h" + std::to_string(left % 3600 / 60) + "m";
}

}  // namespace

std::string RenderProgress(std::string_view what, std::int64_t done, std::int64_t total,
                           milliseconds elapsed) {
  std::string line =
      std::string(what) + ": " + std::to_string(done) + " of " + std::to_string(total);
  if (total > 0) line += " (" + std::to_string(done * 100 / total) + " %)";
  // A rate would be a guess so early.
  if (elapsed < seconds(1) || done <= 0) return line;
  const double rate = static_cast<double>(done) * 1000.0 / static_cast<double>(elapsed.count());
  const auto left = std::llround(static_cast<double>(total - done) / rate);
  line += ", " + std::to_string(std::llround(rate)) + "/s";
  return line + ", " + DescribeSeconds(std::max(0LL, left)) + " left";
}

Progress::Progress(Output& output, std::string what) : output_(output), what_(std::move(what)) {}

void Progress::Show(std::int64_t done, std::int64_t total) {
  if (!output_.is_terminal || output_.is_json) return;
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + kBetweenDraws;
  is_drawn_ = true;
  const auto elapsed = std::chrono::floor<milliseconds>(now - start_);
  output_.err << kToStartAndErase << RenderProgress(what_, done, total, elapsed).substr(0, kColumns)
              << std::flush;
}

void Progress::Clear() {
  if (!is_drawn_) return;
  is_drawn_ = false;
  output_.err << kToStartAndErase << std::flush;
}

}  // namespace ctl
