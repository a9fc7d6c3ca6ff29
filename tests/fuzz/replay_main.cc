#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/dictionary.h"

// Runs a fuzz target without a fuzzer: every input of its corpus, then the given number of
// mutations, which the seed determines.
//
//   fuzz_framer [--mutations N] [--seed N] [--dictionary FILE] FILE-OR-FOLDER…
//
// Leaves the failing input in ./failed-input.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t kLongestInput = 4096;

std::string current_input;  // Written by the handler below.

extern "C" void KeepInput(int signal) {
  const int file = ::open("failed-input", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (::write(file, current_input.data(), current_input.size()) < 0) ::_exit(1);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void Run(std::string input) {
  current_input = std::move(input);
  // Copies to a buffer of exactly this size, so that a sanitizer detects reads beyond it.
  const std::vector<std::uint8_t> bytes(current_input.begin(), current_input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> ReadCorpus(const std::vector<std::string>& paths) {
  std::vector<std::filesystem::path> files;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      files.emplace_back(path);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> inputs;
  for (const auto& file : files) inputs.push_back(ReadFile(file));
  return inputs;
}

class Mutator {
 public:
  Mutator(std::uint64_t seed, const std::vector<std::string>& corpus,
          const std::vector<std::string>& words)
      : random_(seed), corpus_(corpus), words_(words) {}

  std::string Next() {
    std::string input = Any(corpus_);
    for (std::size_t left = 1 + Below(6); left > 0; --left) Change(input);
    if (input.size() > kLongestInput) input.resize(kLongestInput);
    return input;
  }

 private:
  std::size_t Below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }
  const std::string& Any(const std::vector<std::string>& of) { return of[Below(of.size())]; }

  void Change(std::string& input) {
    const std::size_t at = Below(input.size() + 1);
    const std::size_t some = 1 + Below(16);
    switch (Below(words_.empty() ? 6 : 7)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << Below(8)));
        return;
      case 1:
        if (at < input.size()) input[at] = static_cast<char>(Below(256));
        return;
      case 2:
        input.insert(at, 1, static_cast<char>(Below(256)));
        return;
      case 3:
        input.erase(at, some);
        return;
      case 4:
        input.insert(at, input.substr(Below(input.size() + 1), some));
        return;
      case 5: {  // Joins its beginning and the end of another input.
        const std::string& other = Any(corpus_);
        input.replace(at, std::string::npos, other.substr(Below(other.size() + 1)));
        return;
      }
      default:
        input.insert(at, Any(words_));
    }
  }

  std::mt19937_64 random_;
  const std::vector<std::string>& corpus_;
  const std::vector<std::string>& words_;
};

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t mutations = 0;
  std::uint64_t seed = 1;
  std::vector<std::string> words;
  std::vector<std::string> paths;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument(argv[i]);
    const bool has_value = i + 1 < argc;
    if (argument == "--mutations" && has_value) {
      mutations = std::stoull(argv[++i]);
    } else if (argument == "--seed" && has_value) {
      seed = std::stoull(argv[++i]);
    } else if (argument == "--dictionary" && has_value) {
      words = fuzz::ParseDictionary(ReadFile(argv[++i]));
    } else {
      paths.emplace_back(argument);
    }
  }
  const std::vector<std::string> corpus = ReadCorpus(paths);
  if (corpus.empty()) {
    std::fprintf(stderr, "no inputs\n");
    return 2;
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS, SIGILL}) {
    std::signal(signal, KeepInput);
  }
  std::printf("%zu inputs, %llu mutations, seed %llu\n", corpus.size(),
              static_cast<unsigned long long>(mutations), static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  for (const std::string& input : corpus) Run(input);
  Mutator mutator(seed, corpus, words);
  for (std::uint64_t i = 0; i < mutations; ++i) Run(mutator.Next());
  return 0;
}
