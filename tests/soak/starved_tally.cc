#include "tests/soak/starved_tally.h"

#include <sstream>

namespace soak {
namespace {

/// Reads "name=VALUE" into `value`.
template <typename Value>
bool Read(std::istream& words, const std::string& name, Value& value) {
  std::string word;
  if (!(words >> word) || !word.starts_with(name + "=")) return false;
  std::istringstream text(word.substr(name.size() + 1));
  return static_cast<bool>(text >> value);
}

}  // namespace

std::string ToLine(const StarvedVerdict& verdict) {
  std::ostringstream line;
  line << "seed=" << verdict.seed << " twice=" << verdict.twice << " lost=" << verdict.lost
       << " held=" << verdict.held << " dead=" << verdict.dead << " hung=" << verdict.hung << "\n";
  return line.str();
}

std::optional<StarvedVerdict> ReadVerdict(const std::string& line) {
  std::istringstream words(line);
  StarvedVerdict verdict;
  const bool is_whole = Read(words, "seed", verdict.seed) && Read(words, "twice", verdict.twice) &&
                        Read(words, "lost", verdict.lost) && Read(words, "held", verdict.held) &&
                        Read(words, "dead", verdict.dead) && Read(words, "hung", verdict.hung);
  return is_whole ? std::optional(verdict) : std::nullopt;
}

void StarvedTally::Add(const std::optional<StarvedVerdict>& verdict, bool is_good) {
  ++runs_;
  failed_ += is_good ? 0 : 1;
  if (!verdict) {
    ++unfinished_;
    return;
  }
  sum_.twice += verdict->twice;
  sum_.lost += verdict->lost;
  sum_.held += verdict->held;
  sum_.dead += verdict->dead;
  ++hung_[verdict->hung];
}

int StarvedTally::CountHung(const std::string& word) const {
  const auto found = hung_.find(word);
  return found == hung_.end() ? 0 : found->second;
}

std::string StarvedTally::ToText(int nodes, int copies) const {
  const int program = CountHung("program");
  const int command = CountHung("command");
  const int never = CountHung("not");
  std::ostringstream text;
  text << runs_ << " runs of " << nodes << " node(s), " << copies
       << " of each partition: " << sum_.twice << " results twice, " << sum_.lost << " lost, "
       << sum_.held << " held up, " << sum_.dead << " dead letters; " << program + command + never
       << " hung: " << program << " healed by the program, " << command << " by one command, "
       << never << " not; " << unfinished_ << " did not finish; " << failed_ << " failed";
  return text.str();
}

}  // namespace soak
