#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ingest/acceptance/callback_sink.h"

namespace ingest {

/// Takes or refuses every callback, and records the offers.
class RecordingSink final : public CallbackSink {
 public:
  Offered Offer(CallbackNumber number, common::Envelope envelope) override {
    if (on_offer) std::exchange(on_offer, nullptr)();
    numbers.push_back(number);
    envelopes.push_back(std::move(envelope));
    return answer;
  }

  std::function<void()> on_offer;  ///< Called by the next offer.
  Offered answer = Offered::kTaken;
  std::vector<CallbackNumber> numbers;
  std::vector<common::Envelope> envelopes;
};

}  // namespace ingest
