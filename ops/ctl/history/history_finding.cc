#include "ops/ctl/history/history_finding.h"

namespace ctl {

std::string_view ToText(Anomaly anomaly) {
  switch (anomaly) {
    case Anomaly::kAbortedRead:
      return "aborted-read";
    case Anomaly::kTornTransaction:
      return "torn-transaction";
    case Anomaly::kHangingTransaction:
      return "hanging-transaction";
    case Anomaly::kDuplicate:
      return "duplicate";
    case Anomaly::kMarkerWithoutRecord:
      return "marker-without-record";
    case Anomaly::kRecordWithoutMarker:
      return "record-without-marker";
    case Anomaly::kForeignDocument:
      return "foreign-document";
    case Anomaly::kWrongPartition:
      return "wrong-partition";
    case Anomaly::kInconsistentOffset:
      return "inconsistent-offset";
  }
  return "";
}

}  // namespace ctl
