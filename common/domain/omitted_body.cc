#include "common/domain/omitted_body.h"

#include <string_view>

#include "common/base/sha256.h"

namespace common {
namespace {

constexpr std::string_view kBody = "dead.body";
constexpr std::string_view kOmitted = "omitted";

}  // namespace

bool OmitBody(std::string& body, RecordHeaders& headers) {
  if (body.empty()) return false;
  headers.push_back({std::string(kBody), std::string(kOmitted)});
  headers.push_back({"dead.body-bytes", std::to_string(body.size())});
  headers.push_back({"dead.body-sha256", Sha256Hex(body)});
  body = {};
  return true;
}

bool IsBodyOmitted(const RecordHeaders& headers) { return LastHeader(headers, kBody) == kOmitted; }

}  // namespace common
