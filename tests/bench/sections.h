#pragma once

#include <string>
#include <vector>

#include "tests/bench/bench.h"

namespace bench {

struct BenchSection {
  std::string name;
  void (*measure)(Bench& bench);  ///< Adds rows to the bench.
};

/// In the order of measurement.
[[nodiscard]] const std::vector<BenchSection>& AllSections();

void MeasureHttp(Bench& bench);
void MeasureIngest(Bench& bench);
void MeasureEvents(Bench& bench);
void MeasureSpool(Bench& bench);
void MeasureReplay(Bench& bench);
void MeasureConsumer(Bench& bench);
void MeasureDedup(Bench& bench);
void MeasureRestore(Bench& bench);
void MeasureCost(Bench& bench);
void MeasureExpected(Bench& bench);
void MeasureScale(Bench& bench);

}  // namespace bench
