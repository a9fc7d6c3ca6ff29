#include "tests/bench/bench.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "tests/harness/json.h"
#include "tests/support/wait_until.h"

namespace bench {
namespace {

constexpr std::chrono::seconds kStartLimit(20);
constexpr std::chrono::minutes kRunLimit(30);  ///< The longest ones fill a table or a topic.

bool IsEmptyOrOfARun(const std::filesystem::path& directory) {
  return !std::filesystem::exists(directory) || std::filesystem::is_empty(directory) ||
         std::filesystem::exists(directory / "samples");
}

std::optional<std::int64_t> NumberInLines(const std::string& log, const std::string& field) {
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    rapidjson::Document json;
    json.Parse(line.data(), line.size());
    if (json.HasParseError() || !json.IsObject()) continue;
    const auto found = json.FindMember(field.c_str());
    if (found != json.MemberEnd() && found->value.IsInt64()) return found->value.GetInt64();
  }
  return std::nullopt;
}

}  // namespace

Bench::Bench(Options options) : options_(std::move(options)) {
  const auto& directory = options_.directory;
  if (!IsEmptyOrOfARun(directory)) {
    throw std::runtime_error(directory.string() + " is not empty, and not of a run");
  }
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory / "samples");
}

void Bench::EachRound(const std::function<void()>& measure) const {
  for (int round = 0; round < options_.rounds; ++round) measure();
}

std::unique_ptr<tests::Process> Bench::Start(const std::string& name, const std::string& program,
                                             std::vector<std::string> arguments) const {
  const auto log = directory() / (name + ".log");
  return std::make_unique<tests::Process>(tests::Binary(program), std::move(arguments),
                                          tests::Process::Environment{},
                                          tests::Process::Files{log, log});
}

std::int64_t Bench::AwaitNumber(tests::Process& process, const std::string& field) {
  std::optional<std::int64_t> number;
  const auto has_number = [&] {
    number = NumberInLines(process.StandardOutput(), field);
    return number || !process.IsRunning();
  };
  if (!tests::WaitUntil(has_number, kStartLimit) || !number) {
    throw std::runtime_error("no " + field + " is logged: " + process.Describe());
  }
  return *number;
}

std::string Bench::Run(const std::string& program, std::vector<std::string> arguments) const {
  const auto finished = tests::RunProgram(tests::Binary(program), std::move(arguments), kRunLimit);
  if (finished.status != 0) {
    throw std::runtime_error(program + " has failed: " + finished.error_output);
  }
  return finished.output;
}

std::vector<double> Bench::Figures(const std::string& program, std::vector<std::string> arguments,
                                   std::size_t count) const {
  std::istringstream output(Run(program, std::move(arguments)));
  std::vector<double> figures;
  for (double figure = 0; output >> figure;) figures.push_back(figure);
  if (figures.size() != count) throw std::runtime_error(program + " gives other figures");
  return figures;
}

void Bench::Measure(const std::string& series, const std::string& program,
                    std::vector<std::string> arguments) {
  tests::Process load(tests::Binary(program), std::move(arguments));
  CollectFrom(series, load);
}

void Bench::CollectFrom(const std::string& series, tests::Process& load) {
  if (load.WaitForExit(kRunLimit) != 0) {
    throw std::runtime_error("the load " + series + " has failed: " + load.Describe());
  }
  const auto json = tests::ParseJson(load.StandardOutput());
  for (const auto& member : json.GetObject()) {
    if (!member.value.IsNumber()) continue;
    samples_.Add(series + "." + member.name.GetString(), member.value.GetDouble());
  }
}

void Bench::Report(const std::string& figure, const std::string& unit, const std::string& series) {
  Add({.figure = figure, .unit = unit, .spread = SpreadOf(samples_.Of(series))});
}

void Bench::Report(const std::string& figure, const std::string& unit, const std::string& series,
                   const Against& against) {
  Add({.figure = figure,
       .unit = unit,
       .spread = SpreadOf(samples_.Of(series)),
       .comparison =
           Comparison{against.with, MedianRatio(samples_.Of(series), samples_.Of(against.series))},
       .goal = against.goal});
}

void Bench::PrintTable(const std::string& title) {
  std::fputs(RenderTable(title, std::exchange(rows_, {})).c_str(), stdout);
  std::fflush(stdout);
  samples_.WriteTo(directory() / "samples");
}

const tests::Broker& Bench::broker() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): only read
  if (std::getenv("SLUICE_TEST_KAFKA_DIR") != nullptr) return tests::Broker::Shared();
  if (!broker_) broker_ = tests::Broker::StartIn(directory() / "kafka", 1);
  return *broker_;
}

std::string Text(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", number);
  return text.data();
}

}  // namespace bench
