#pragma once

#include <span>
#include <string>
#include <vector>

#include "ingest/acceptance/pending_responses.h"

namespace ingest {

/// Records every answer as "request 7 of row 1: durable".
class RecordingResponses final : public PendingResponses {
 public:
  void Answer(std::span<const DecidedRequest> decided) override {
    for (const auto& [request, row, situation] : decided) {
      answers.push_back("request " + std::to_string(request.request) + " of row " +
                        std::to_string(row) + ": " + std::string(NameOf(situation)));
    }
  }

  std::vector<std::string> answers;
};

}  // namespace ingest
