#include "tests/bench/acknowledged_ids.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace bench {

void AcknowledgedIds::Read(std::istream& lines) {
  for (std::string line; std::getline(lines, line);) {
    Id id;
    if (line.size() != id.text.size()) throw std::runtime_error(line + " is not an id");
    std::ranges::copy(line, id.text.begin());
    ids_.push_back(id);
  }
}

void AcknowledgedIds::Sort() { std::ranges::sort(ids_, {}, &Id::text); }

void AcknowledgedIds::Found(std::string_view id) {
  std::array<char, 36> text{};
  if (id.size() != text.size()) return;
  std::ranges::copy(id, text.begin());
  const auto found = std::ranges::lower_bound(ids_, text, {}, &Id::text);
  if (found != ids_.end() && found->text == text) found->is_found = true;
}

std::int64_t AcknowledgedIds::CountMissing() const {
  return std::ranges::count(ids_, false, &Id::is_found);
}

}  // namespace bench
