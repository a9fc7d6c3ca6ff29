#include "ops/bench/paced_load.h"

#include <fstream>
#include <stdexcept>

#include "ops/bench/bench_callback.h"

namespace bench {

void PacedLoad::ReadOptions(const std::vector<std::string_view>& arguments,
                            std::vector<simulator::Option> specific) {
  specific.push_back({"rate", "a number", simulator::SetNumber(rate, 1.0)});
  specific.push_back({"seconds", "a number", simulator::SetNumber(seconds, 0.1)});
  specific.push_back({"run", "a number", simulator::SetNumber(run, std::uint32_t{0})});
  specific.push_back({"ids", "a file", simulator::SetText(ids)});
  const auto read = simulator::ParseArguments(arguments, specific);
  if (!read) throw std::invalid_argument(read.error().detail);
}

void PacedLoad::WriteIds(std::uint64_t count) const {
  if (ids.empty()) return;
  std::ofstream out(ids);
  for (std::uint64_t n = 0; n < count; ++n) out << ProcessIdOf(run, n) << '\n';
  if (!out.flush()) throw std::runtime_error(ids + " cannot be written");
}

}  // namespace bench
