#pragma once

#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/credentials.h"

namespace ingest {

/// Records "onfido: why" for each row that keeps its old secrets. Threads: one.
class RecordingSecretsEvents final : public SecretsEvents {
 public:
  void SecretsReloaded() override {}
  void SecretsNotReloaded(std::string_view provider, std::string_view why) override {
    if (!std::exchange(has_memory, true)) throw std::bad_alloc();
    lines.push_back(std::string(provider) + ": " + std::string(why));
  }

  bool has_memory = true;  ///< False: the next report throws.
  std::vector<std::string> lines;
};

}  // namespace ingest
