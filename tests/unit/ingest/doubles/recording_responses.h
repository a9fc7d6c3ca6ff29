#pragma once

#include <string>
#include <vector>

#include "ingest/acceptance/pending_responses.h"

namespace ingest {

/// Keeps every answer as "request 7 of row 1: durable".
class RecordingResponses final : public PendingResponses {
 public:
  void Answer(const WaitingRequest& request, common::ProviderTable::Index row,
              Situation situation) override {
    answers.push_back("request " + std::to_string(request.request) + " of row " +
                      std::to_string(row) + ": " + std::string(NameOf(situation)));
  }

  std::vector<std::string> answers;
};

}  // namespace ingest
