#include "tests/bench/sections.h"

namespace bench {

const std::vector<BenchSection>& AllSections() {
  static const std::vector<BenchSection> kSections{
      {"http", MeasureHttp},         {"ingest", MeasureIngest},   {"events", MeasureEvents},
      {"spool", MeasureSpool},       {"replay", MeasureReplay},   {"consumer", MeasureConsumer},
      {"dedup", MeasureDedup},       {"restore", MeasureRestore}, {"cost", MeasureCost},
      {"expected", MeasureExpected}, {"scale", MeasureScale}};
  return kSections;
}

}  // namespace bench
