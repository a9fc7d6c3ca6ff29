#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace soak {

/// The verdict of one run of `starved`. Its form in the file `verdict`:
///   seed=7 twice=0 lost=0 held=0 dead=0 hung=no
struct StarvedVerdict {
  std::uint64_t seed = 0;
  std::int64_t twice = 0;
  std::int64_t lost = 0;
  std::int64_t held = 0;
  std::int64_t dead = 0;
  std::string hung;  ///< no, program, command or not: who ended a hanging transaction, if any.
};

[[nodiscard]] std::string ToLine(const StarvedVerdict& verdict);
/// nullopt if the line does not have that form.
[[nodiscard]] std::optional<StarvedVerdict> ReadVerdict(const std::string& line);

/// Sums and counts over runs.
class StarvedTally {
 public:
  /// `verdict` is nullopt if the run did not finish.
  void Add(const std::optional<StarvedVerdict>& verdict, bool is_good);

  [[nodiscard]] bool IsGood() const { return failed_ == 0; }
  [[nodiscard]] std::string ToText(int nodes, int copies) const;

 private:
  [[nodiscard]] int CountHung(const std::string& word) const;

  int runs_ = 0;
  int failed_ = 0;
  int unfinished_ = 0;
  StarvedVerdict sum_;
  std::map<std::string, int> hung_;
};

}  // namespace soak
