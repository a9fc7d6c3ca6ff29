#include "ops/ctl/serve/rehearsed_redrive.h"

#include <sstream>
#include <utility>

#include "ops/ctl/serve/api_route.h"

namespace ctl {

using common::Result;

void RehearsedRedrive::Remember(Letters letters) {
  rehearsed_.With([&](std::optional<Letters>& rehearsed) { rehearsed = std::move(letters); });
}

bool RehearsedRedrive::TakeRehearsal(const Letters& letters) {
  return rehearsed_.With([&](std::optional<Letters>& rehearsed) {
    const bool is_rehearsed = rehearsed == letters;
    if (is_rehearsed) rehearsed.reset();
    return is_rehearsed;
  });
}

Result<std::string> RehearsedRedrive::Answer(std::string_view body, const std::stop_token& stop) {
  Result<LettersToRedrive> asked = ReadLettersToRedrive(body);
  if (!asked) return asked.error();
  if (!asked->is_dry_run && !TakeRehearsal(asked->letters)) {
    return Reject("these letters need a dry run first");
  }
  RedriveOptions options;
  options.filter.places = asked->letters;
  options.is_dry_run = asked->is_dry_run;
  std::ostringstream out;
  std::ostringstream err;
  Output output{.out = out, .err = err, .is_json = true};
  const Result<RedriveOutcome> outcome = redrive_(options, output, stop);
  if (asked->is_dry_run) {
    // It has seen only some of the letters.
    if (stop.stop_requested()) return TooLate();
    if (outcome && outcome->error) return *outcome->error;
  }
  if (!outcome) return outcome.error();
  if (asked->is_dry_run) Remember(std::move(asked->letters));
  Report(output, *outcome);
  return out.str();
}

}  // namespace ctl
