// usage: bench-dedup table|absl|none KEYS
//
// Measures the cost of a dedup table: consumer's own, or absl::flat_hash_map with the same key (16
// bytes) and value (the hour, 16 bits). Prints one line of figures, separated by blanks:
//
//   bytes per key as the table computes them, growth of VmRSS per key, peak VmRSS per key during
//   growth, ns per insert, hit, miss, and per expiry of a key together with the insert of a new one
//
// The bench generates keys when it uses them (`none` measures that cost, 4 times), so only the
// table is in memory. KEYS keys arrive within the window of two days and as many after it, so each
// key of the second half expires one of the first. absl's map has no expiry: the bench sweeps it
// each time an eighth of the window has passed.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string_view>

#include "common/domain/identity.h"
#include "consumer/state/dedup_table.h"
#include "ops/bench/measuring.h"
#ifdef SLUICE_BENCH_ABSL
#include <absl/container/flat_hash_map.h>
#endif

namespace {

using common::Identity;
using std::chrono::hours;
using std::chrono::milliseconds;

constexpr hours kWindow{48};
constexpr common::WallTime kBegin{hours(480'000)};

std::uint64_t Mixed(std::uint64_t n) {  // SplitMix64
  n += 0x9e3779b97f4a7c15;
  n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9;
  n = (n ^ n >> 27) * 0x94d049bb133111eb;
  return n ^ n >> 31;
}

Identity KeyOf(std::uint64_t n) {
  const std::uint64_t halves[2] = {Mixed(2 * n), Mixed(2 * n + 1)};
  Identity identity;
  std::memcpy(identity.bytes.data(), halves, sizeof halves);
  return identity;
}

common::WallTime TimeOf(std::uint64_t n, std::uint64_t keys) {
  const std::uint64_t window = std::chrono::duration_cast<milliseconds>(kWindow).count();
  return kBegin + milliseconds(window * n / keys);
}

class Table {
 public:
  void Insert(std::uint64_t n, std::uint64_t keys) { table_.Insert(KeyOf(n), TimeOf(n, keys)); }
  [[nodiscard]] bool Holds(std::uint64_t n, common::WallTime now) const {
    return table_.Holds(KeyOf(n), now, kWindow);
  }
  void Expire(common::WallTime floor) { table_.RaiseFloor(floor); }
  [[nodiscard]] std::size_t bytes() const { return table_.memory_bytes(); }

 private:
  consumer::DedupTable table_;
};

class None {
 public:
  void Insert(std::uint64_t n, std::uint64_t keys) {
    sink_ = sink_ + KeyOf(n).bytes[3] +
            static_cast<unsigned>(TimeOf(n, keys).time_since_epoch().count());
  }
  [[nodiscard]] bool Holds(std::uint64_t n, common::WallTime) const {
    return KeyOf(n).bytes[5] == 1;
  }
  void Expire(common::WallTime) {}
  [[nodiscard]] std::size_t bytes() const { return 0; }

 private:
  volatile unsigned sink_ = 0;
};

#ifdef SLUICE_BENCH_ABSL
class Absl {
 public:
  void Insert(std::uint64_t n, std::uint64_t keys) {
    map_.insert_or_assign(KeyOf(n), HourOf(TimeOf(n, keys)));
  }
  [[nodiscard]] bool Holds(std::uint64_t n, common::WallTime now) const {
    const auto found = map_.find(KeyOf(n));
    return found != map_.end() && HourOf(now) - found->second < kWindow.count();
  }
  void Expire(common::WallTime floor) {
    if (floor < swept_ + kWindow / 8) return;
    swept_ = floor;
    absl::erase_if(map_, [hour = HourOf(floor)](const auto& entry) { return entry.second < hour; });
  }
  /// The slots, a control byte for each, and 16 at the end.
  [[nodiscard]] std::size_t bytes() const {
    return map_.capacity() * (sizeof(decltype(map_)::value_type) + 1) + 16;
  }

 private:
  static std::uint16_t HourOf(common::WallTime time) {
    return static_cast<std::uint16_t>(std::chrono::ceil<hours>(time - kBegin).count());
  }
  absl::flat_hash_map<Identity, std::uint16_t, std::hash<Identity>> map_;
  common::WallTime swept_ = kBegin;
};
#endif

template <typename Step>
double NanosecondsEach(std::uint64_t count, Step step) {
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t n = 0; n < count; ++n) step(n);
  return bench::SecondsSince(start) * 1e9 / static_cast<double>(count);
}

template <typename Subject>
int Measure(std::uint64_t keys) {
  const double before = bench::OwnMemory("VmRSS");
  const auto each = [keys](double bytes) { return bytes / static_cast<double>(keys); };
  Subject subject;
  const double insert = NanosecondsEach(keys, [&](std::uint64_t n) { subject.Insert(n, keys); });
  const double computed = each(static_cast<double>(subject.bytes()));
  const double resident = each(bench::OwnMemory("VmRSS") - before);
  const double peak = each(bench::OwnMemory("VmHWM") - before);

  // In an order unrelated to that of insertion.
  constexpr std::uint64_t kStride = 1'000'003;
  const common::WallTime end = TimeOf(keys, keys) - hours(2);
  std::uint64_t held = 0;
  const double hit = NanosecondsEach(
      keys, [&](std::uint64_t n) { held += subject.Holds(n * kStride % keys, end) ? 1 : 0; });
  std::uint64_t strange = 0;
  const double miss = NanosecondsEach(
      keys, [&](std::uint64_t n) { strange += subject.Holds(keys * 4 + n, end) ? 1 : 0; });
  const double expire = NanosecondsEach(keys, [&](std::uint64_t n) {
    const std::uint64_t next = keys + n;
    if (n % 1'024 == 0) subject.Expire(TimeOf(next, keys) - kWindow);
    subject.Insert(next, keys);
  });
  std::printf("%.1f %.1f %.1f %.1f %.1f %.1f %.1f\n", computed, resident, peak, insert, hit, miss,
              expire);
  const bool is_right = std::is_same_v<Subject, None> || (held == keys && strange == 0);
  if (!is_right) std::fputs("bench-dedup: a verdict is wrong\n", stderr);
  return is_right ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::string_view subject = argc == 3 ? argv[1] : "";
    if (subject == "table") return Measure<Table>(bench::NumberOf(argv[2]));
    if (subject == "none") return Measure<None>(bench::NumberOf(argv[2]));
#ifdef SLUICE_BENCH_ABSL
    if (subject == "absl") return Measure<Absl>(bench::NumberOf(argv[2]));
#else
    if (subject == "absl") return 3;  // Built without absl.
#endif
    std::fputs("usage: bench-dedup table|absl|none KEYS\n", stderr);
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-dedup: %s\n", error.what());
    return 1;
  }
}
