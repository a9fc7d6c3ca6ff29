#include "ingest/spool/log_lap.h"

#include <fcntl.h>
#include <unistd.h>

#include <random>

#include "common/base/fd.h"
#include "ingest/spool/spool_file.h"

namespace ingest {
namespace {

constexpr std::string_view kMagicOfFile("SQLite format 3\0", 16);
constexpr std::size_t kHeaderOfFile = 100;
constexpr std::size_t kSchemaCookie = 40;          // Its offset in page 1.
constexpr std::uint32_t kMagicOfLog = 0x377F0682;  // Or this + 1: checksums of big-endian words.
constexpr std::size_t kHeaderOfLog = 32;
constexpr std::size_t kHeaderOfFrame = 24;

std::uint32_t WordAt(std::string_view bytes, std::size_t at, bool is_big_endian = true) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t from = is_big_endian ? at + i : at + 3 - i;
    word = word << 8U | static_cast<unsigned char>(bytes[from]);
  }
  return word;
}

/// SQLite's checksum of an even number of words.
class Checksum {
 public:
  explicit Checksum(bool is_big_endian) : is_big_endian_(is_big_endian) {}
  void Add(std::string_view bytes) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      first_ += WordAt(bytes, at, is_big_endian_) + second_;
      second_ += WordAt(bytes, at + 4, is_big_endian_) + first_;
    }
  }
  [[nodiscard]] bool IsAt(std::string_view bytes, std::size_t at) const {
    return WordAt(bytes, at) == first_ && WordAt(bytes, at + 4) == second_;
  }

 private:
  bool is_big_endian_;
  std::uint32_t first_ = 0;
  std::uint32_t second_ = 0;
};

/// Empty if the file is unreadable.
std::string ReadStart(const std::string& path, std::size_t most) {
  const common::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string bytes(most, '\0');
  std::size_t size = 0;
  while (file && size < most) {
    const ssize_t read =
        ::pread(file.get(), bytes.data() + size, most - size, static_cast<off_t>(size));
    if (read <= 0) break;
    size += static_cast<std::size_t>(read);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace

std::optional<std::uint32_t> LapOfFile(std::string_view bytes) {
  if (bytes.size() < kHeaderOfFile || !bytes.starts_with(kMagicOfFile)) return std::nullopt;
  return WordAt(bytes, kSchemaCookie);
}

LogStart StartOfLog(std::string_view bytes) {
  if (bytes.size() < kHeaderOfLog + kHeaderOfFrame) return {};
  const std::uint32_t magic = WordAt(bytes, 0);
  if ((magic | 1U) != (kMagicOfLog | 1U)) return {};
  const std::uint32_t page_size = WordAt(bytes, 8);
  const bool is_a_size = page_size >= 512 && page_size <= 65536;
  if (!is_a_size || bytes.size() < kHeaderOfLog + kHeaderOfFrame + page_size) return {};
  const std::string_view frame = bytes.substr(kHeaderOfLog, kHeaderOfFrame);
  const std::string_view page = bytes.substr(kHeaderOfLog + kHeaderOfFrame, page_size);
  // Frames of an earlier, longer log may follow the last frame; their salts differ.
  const bool is_of_this_log = frame.substr(8, 8) == bytes.substr(16, 8);
  Checksum checksum((magic & 1U) != 0);
  checksum.Add(bytes.substr(0, 24));
  if (!is_of_this_log || !checksum.IsAt(bytes, 24)) return {};
  checksum.Add(frame.substr(0, 8));
  checksum.Add(page);
  if (!checksum.IsAt(frame, 16)) return {};
  LogStart start{.holds_frames = true};
  if (WordAt(frame, 0) == 1) start.lap = WordAt(page, kSchemaCookie);
  return start;
}

bool Follows(const LogStart& log, std::optional<std::uint32_t> file) {
  if (!log.holds_frames) return true;
  if (!file) return false;
  return !log.lap || *log.lap - *file <= 1;
}

bool HasForeignLog(const std::string& path) {
  // No connection of this process may have the file open: closing it here would drop those locks.
  const std::string log = ReadStart(LogBesideTarget(path), kLongestLogStart);
  const LogStart start = StartOfLog(log);
  return start.holds_frames && !Follows(start, LapOfFile(ReadStart(path, kHeaderOfFile)));
}

std::int32_t RandomLap() {
  std::random_device random;
  return std::uniform_int_distribution<std::int32_t>(0x10000, 0x7FFFFFFF)(random);
}

}  // namespace ingest
