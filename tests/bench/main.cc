// Measures Sluice beside nginx, librdkafka and libcurl: ops/bench/run.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>

#include "tests/bench/machine.h"
#include "tests/bench/sections.h"
#include "tests/harness/descriptors.h"
#include "tests/harness/process.h"

namespace {

int Measure(const bench::Options& options) {
  const auto begun = std::chrono::steady_clock::now();
  bench::Bench bench(options);
  std::fputs(bench::DescribeMachine(options).c_str(), stdout);
  std::fflush(stdout);
  for (const bench::BenchSection& section : bench::AllSections()) {
    for (const std::string& wanted : options.sections) {
      if (section.name != wanted) continue;
      const auto since =
          std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now() - begun);
      std::fprintf(stderr, "[%lld s] %s\n", static_cast<long long>(since.count()), wanted.c_str());
      section.measure(bench);
      bench.PrintTable(wanted);
    }
  }
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> names;
  for (const bench::BenchSection& section : bench::AllSections()) names.push_back(section.name);
  bench::Parsed parsed = bench::ParseOptions({argv + 1, argv + argc}, names);
  if (!parsed.options) {
    std::fputs(parsed.output.c_str(), parsed.status == 0 ? stdout : stderr);
    return parsed.status;
  }
  if (!parsed.options->bin.empty()) tests::UseProgramsIn(parsed.options->bin);
  auto& directory = parsed.options->directory;
  if (directory.empty()) directory = tests::SourcePath("build/bench");
  directory = std::filesystem::absolute(directory);
  tests::OpenAllDescriptors();
  try {
    return Measure(*parsed.options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s; see %s\n", error.what(), directory.c_str());
    return EXIT_FAILURE;
  }
}
